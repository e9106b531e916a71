/** Capabilities: names, numbers and the masks of a process. capabilities(7), config.md. */
import type { Capabilities } from '../spec/config.gen.js';
import { CAPABILITY } from '../spec/names.gen.js';
import { type PlanBuilder, pointer } from './builder.js';
import type { HostFacts } from './input.js';
import type { StepOf } from './plan.js';

/** The schema's list, in the order of <linux/capability.h>: the index is the number. */
export const CAPABILITIES: readonly string[] = CAPABILITY;

/** The bit of a capability; undefined if the name is unknown. */
export function capabilityBit(name: string): bigint | undefined {
  const number = CAPABILITIES.indexOf(name);
  return number < 0 ? undefined : 1n << BigInt(number);
}

export interface CapabilityMasks {
  readonly bounding: bigint;
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
  readonly ambient: bigint;
}

/** Everything that the kernel knows. */
function allCapabilities(lastCap: number): bigint {
  return (1n << BigInt(lastCap + 1)) - 1n;
}

/**
 * What can be had: the bounding set; a process of a new or joined user namespace has all in it
 * (user_namespaces(7)).
 */
export function availableCapabilities(facts: HostFacts, userNamespace: boolean): bigint {
  const all = allCapabilities(facts.lastCap);
  return userNamespace ? all : facts.boundingCaps & all;
}

/**
 * The masks of config.process.capabilities. What is unknown or cannot be had is left out with a
 * warning, as the specification demands.
 *
 * Without `capabilities` the process has none, as with runc and crun: what is to have rights says so.
 */
export function capabilityMasks(
  builder: PlanBuilder,
  given: Capabilities | undefined,
  available: bigint,
  at: string,
): CapabilityMasks {
  const capabilities = given ?? {};
  const unknown = new Set<string>();
  const missing = new Set<string>();
  const mask = (names: readonly string[] | undefined): bigint => {
    let bits = 0n;
    for (const name of names ?? []) {
      const bit = capabilityBit(name);
      if (bit === undefined) unknown.add(name);
      else if ((bit & available) === 0n) missing.add(name);
      else bits |= bit;
    }
    return bits;
  };
  const bounding = mask(capabilities.bounding);
  const permitted = mask(capabilities.permitted);
  const wanted = {
    inheritable: mask(capabilities.inheritable),
    effective: mask(capabilities.effective),
    ambient: mask(capabilities.ambient),
  };
  if (unknown.size > 0) {
    builder.warn(at, `ignoring unknown capabilities: ${[...unknown].sort().join(', ')}`);
  }
  if (missing.size > 0) {
    builder.warn(
      at,
      `ignoring unavailable capabilities: ${[...missing].sort().join(', ')} (not in the bounding set of the runtime)`,
    );
  }
  /** What a set gets of what it is to have; a warning for each of the others. */
  const granted = (
    set: keyof typeof wanted,
    allowed: bigint,
    refusal: (name: string) => string,
  ): bigint => {
    (capabilities[set] ?? []).forEach((name, index) => {
      const bit = capabilityBit(name) ?? 0n;
      if ((bit & wanted[set] & ~allowed) !== 0n) {
        builder.warn(at + pointer(set, index), refusal(name));
      }
    });
    return wanted[set] & allowed;
  };
  // capabilities(7): what is not in the bounding set can't be added to the inheritable one.
  const inheritable = granted(
    'inheritable',
    bounding,
    (name) => `can't have ${name} inheritable: it is not in the bounding set`,
  );
  // capset(2): the effective set is a part of the permitted one.
  const effective = granted(
    'effective',
    permitted,
    (name) => `can't have ${name} effective: it is not in the permitted set`,
  );
  // prctl(2), PR_CAP_AMBIENT_RAISE: only what is both permitted and inheritable.
  const ambient = granted(
    'ambient',
    permitted & inheritable,
    (name) =>
      `can't raise ambient capability ${name}: operation not permitted (it is not both permitted and inheritable)`,
  );
  return { bounding, effective, permitted, inheritable, ambient };
}

/** The step of the four sets, with `extra` kept for a while. */
export function capsStep(masks: CapabilityMasks, extra: bigint, at: string): StepOf<'caps'> {
  return {
    op: 'caps',
    at,
    effective: Number(masks.effective | extra),
    permitted: Number(masks.permitted | extra),
    inheritable: Number(masks.inheritable),
    ambient: Number(masks.ambient),
  };
}
