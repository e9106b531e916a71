/** What v1 and v2 have in common: collecting writes, numbers, and what is missing. */
import { OcirtError } from '../errors.js';
import type { Resources } from '../spec/config.gen.js';
import type { CgroupPlan, CgroupWrite } from './types.js';

type Warning = CgroupPlan['warnings'][number];

/** The writes of one container in the making. */
export class ResourceWriter {
  readonly writes: CgroupWrite[] = [];
  readonly warnings: Warning[] = [];
  /** The directory of a controller, undefined if the host does not have it. */
  readonly #directory: (controller: string) => string | undefined;

  constructor(directory: (controller: string) => string | undefined) {
    this.#directory = directory;
  }

  /** @throws OcirtError where the host has no such controller. */
  write(
    controller: string,
    file: string,
    data: string | number | bigint,
    at: string,
    extra: Pick<CgroupWrite, 'tolerate' | 'otherwise'> = {},
  ): void {
    this.writes.push({
      path: `${this.directory(controller, at)}/${file}`,
      data: String(data),
      at: `/linux/resources${at}`,
      ...extra,
    });
  }

  directory(controller: string, at: string): string {
    const directory = this.#directory(controller);
    if (directory === undefined) {
      throw new OcirtError(
        'cgroup-controller-missing',
        `cannot set ${controller} limit: the host has no cgroup controller ${controller}`,
        {
          pointer: `/linux/resources${at}`,
          hint: 'see /proc/cgroups and "ocirt doctor" for the controllers of this host, or leave the limit out',
        },
      );
    }
    return directory;
  }

  warn(at: string, message: string): void {
    this.warnings.push({ at: `/linux/resources${at}`, message });
  }
}

/** A value that config names and that is not 0, which means "not set" in all of them. */
export function given(value: number | bigint | undefined): bigint | undefined {
  if (value === undefined) return undefined;
  const number = BigInt(value);
  return number === 0n ? undefined : number;
}

export function invalidResource(at: string, message: string): OcirtError {
  return new OcirtError('invalid-config', message, { pointer: `/linux/resources${at}` });
}

/** pids.max: 0 would keep even the first process out, so it counts as 1; below 0: no limit. */
export function pidsMax(limit: number | bigint): string {
  const number = BigInt(limit);
  if (number < 0n) return 'max';
  return number === 0n ? '1' : String(number);
}

/**
 * The limits of kernel memory that no file takes. Since Linux 5.16 that of `kernel` has no effect,
 * whatever is written to its file.
 */
export function warnKernelMemory(
  writer: ResourceWriter,
  memory: NonNullable<Resources['memory']>,
  names: readonly ('kernel' | 'kernelTCP')[],
): void {
  for (const name of names) {
    if (memory[name] !== undefined) {
      writer.warn(`/memory/${name}`, 'kernel memory settings are ignored: they are obsolete');
    }
  }
}

/** rdma.max has one line a device. */
export function writeRdma(writer: ResourceWriter, rdma: Resources['rdma']): void {
  for (const [device, limits] of Object.entries(rdma ?? {})) {
    let data = device;
    if (limits.hcaHandles !== undefined) data += ` hca_handle=${limits.hcaHandles}`;
    if (limits.hcaObjects !== undefined) data += ` hca_object=${limits.hcaObjects}`;
    if (data !== device) {
      const name = device.replaceAll('~', '~0').replaceAll('/', '~1');
      writer.write('rdma', 'rdma.max', data, `/rdma/${name}`);
    }
  }
}
