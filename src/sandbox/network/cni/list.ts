/**
 * A list of plugins, one after the other: CNI 1.0, section 3. Each gets the result of those before it
 * (`prevResult`), and what it can do with what is only known now (`runtimeConfig`).
 */
import type { CniResult, ConfigList, PluginConfig, PublishedPort } from '../types.js';
import { type Attachment, callPlugin } from './plugin.js';

/** What plugins may be capable of (CNI's CONVENTIONS.md), and we have to say. */
export interface Arguments {
  readonly ports: readonly PublishedPort[];
}

/** Whether any plugin of the list publishes ports. */
export function publishesPorts(list: ConfigList): boolean {
  return list.plugins.some((plugin) => plugin.capabilities?.portMappings === true);
}

/** What one plugin of the list is given. Before 0.4 only ADD knew a `prevResult`. */
function configOf(
  list: ConfigList,
  plugin: PluginConfig,
  { ports }: Arguments,
  prevResult: CniResult | undefined,
): PluginConfig {
  const { capabilities, ...own } = plugin;
  const runtimeConfig: { [key: string]: unknown } = {};
  if (capabilities?.portMappings === true) runtimeConfig.portMappings = ports;
  return {
    ...own,
    cniVersion: list.cniVersion,
    name: list.name,
    ...(Object.keys(runtimeConfig).length > 0 ? { runtimeConfig } : {}),
    ...(prevResult === undefined ? {} : { prevResult }),
  };
}

/**
 * ADD, from the first plugin to the last.
 *
 * @param onResult gets what each has answered, before the next one runs: DEL of that one may want it
 * @returns the result of the last
 * @throws OcirtError of the plugin that failed. It and those before it have been told to take away
 * what they had made; what went wrong with that is in `cleanup`.
 */
export async function addList(
  list: ConfigList,
  attachment: Attachment,
  args: Arguments,
  onResult: (result: CniResult) => void = () => {},
): Promise<CniResult> {
  let result: CniResult | undefined;
  for (const [index, plugin] of list.plugins.entries()) {
    try {
      result = await callPlugin('ADD', configOf(list, plugin, args, result), attachment);
      if (result !== undefined) onResult(result);
    } catch (error) {
      const done = { ...list, plugins: list.plugins.slice(0, index + 1) };
      const failures = await delList(done, attachment, args, result);
      if (failures.length > 0) Object.assign(error as object, { cleanup: failures });
      throw error;
    }
  }
  return result ?? {};
}

/** CHECK, from the first plugin to the last. @param result of ADD @throws OcirtError of the first that is not content */
export async function checkList(
  list: ConfigList,
  attachment: Attachment,
  args: Arguments,
  result: CniResult,
): Promise<void> {
  for (const plugin of list.plugins) {
    await callPlugin('CHECK', configOf(list, plugin, args, result), attachment);
  }
}

/**
 * DEL, from the last plugin to the first. One that fails does not keep the others from doing theirs.
 *
 * @param result of ADD, if it came to that
 * @returns what went wrong
 */
export async function delList(
  list: ConfigList,
  attachment: Attachment,
  args: Arguments,
  result: CniResult | undefined,
): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const plugin of [...list.plugins].reverse()) {
    try {
      await callPlugin('DEL', configOf(list, plugin, args, result), attachment);
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}
