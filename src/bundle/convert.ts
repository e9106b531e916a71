/** From an image's config to config.json (image-spec, conversion.md), on top of what `spec` writes. */
import type { Config } from '../spec/config.gen.js';
import { badImage } from './errors.js';
import type { ImageConfig } from './image.js';
import type { User } from './users.js';

const PREFIX = 'org.opencontainers.image.';

/** @param user what the image's User is in its own files */
export function convert(base: Config, image: ImageConfig, user: User): Config {
  const given = image.config ?? {};
  const args = [...words(given.Entrypoint, 'Entrypoint'), ...words(given.Cmd, 'Cmd')];
  const env = words(given.Env, 'Env');
  const process = base.process ?? { cwd: '/' };
  const cwd = given.WorkingDir || '/';
  if (!cwd.startsWith('/'))
    throw badImage(`the image's WorkingDir ${JSON.stringify(cwd)} is not absolute`);
  return {
    ...base,
    process: {
      ...process,
      user: {
        ...user,
        ...(user.additionalGids === undefined ? {} : { additionalGids: [...user.additionalGids] }),
      },
      ...(args.length === 0 ? {} : { args }),
      env: mergeEnv(process.env ?? [], env),
      cwd,
    },
    annotations: { ...base.annotations, ...annotationsOf(image) },
  };
}

function words(value: unknown, what: string): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((word) => typeof word === 'string')) return value;
  throw badImage(`${what} of the image's config is no list of words`);
}

/** The image's variables in place of those of the same names. */
function mergeEnv(base: readonly string[], own: readonly string[]): string[] {
  const nameOf = (variable: string) => variable.split('=')[0];
  const names = new Set(own.map(nameOf));
  return [...own, ...base.filter((variable) => !names.has(nameOf(variable)))];
}

/** A label wins over what is made from a field of the same name. */
function annotationsOf(image: ImageConfig): Record<string, string> {
  const { StopSignal, ExposedPorts, Labels } = image.config ?? {};
  const fields: Record<string, string | undefined> = {
    os: image.os,
    architecture: image.architecture,
    author: image.author,
    created: image.created,
    stopSignal: StopSignal,
    exposedPorts: ExposedPorts ? Object.keys(ExposedPorts).sort().join(',') : undefined,
  };
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string' && value !== '') out[`${PREFIX}${name}`] = value;
  }
  for (const [name, value] of Object.entries(Labels ?? {})) {
    if (typeof value !== 'string')
      throw badImage(`the image's label ${JSON.stringify(name)} is no text`);
    out[name] = value;
  }
  return out;
}
