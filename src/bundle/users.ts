/** Who an image's `User` is: by number, or by name from the files of the image itself. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { badImage } from './errors.js';
import { look, type Tree } from './tree.js';

export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids?: number[];
}

const MAX_FILE = 16 * 2 ** 20;

/** Lines of a file of the image, split at the colons; none where it is missing. */
function table(tree: Tree, name: string): string[][] {
  const folder = tree.folder(['etc'], `etc/${name}`, false);
  const path = folder === undefined ? undefined : tree.at(`${folder}/${name}`);
  if (path === undefined || look(path)?.isFile() !== true) return [];
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    if (fstatSync(fd).size > MAX_FILE) throw badImage(`/etc/${name} of the image is too large`);
    return readFileSync(fd, 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } finally {
    closeSync(fd);
  }
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) && Number(text) < 0xffff_ffff
    ? Number(text)
    : undefined;
}

/**
 * `user`, `uid`, `user:group`, `uid:gid` and their mixtures (image-spec, config.md). Without a group it is
 * the one of /etc/passwd, and the user's others of /etc/group come with it.
 *
 * @throws OcirtError `image-invalid` for a name that the image does not know
 */
export function resolveUser(tree: Tree, text: string): User {
  const [name = '', groupName] = text.split(':');
  const users = table(tree, 'passwd');
  const groups = table(tree, 'group');
  const known = users.find((row) => row[0] === name) ?? users.find((row) => row[2] === name);
  const uid = number(known?.[2]) ?? (name === '' ? 0 : number(name));
  if (uid === undefined)
    throw badImage(`the image's user ${JSON.stringify(name)} is not in its /etc/passwd`);
  if (groupName !== undefined && groupName !== '') {
    const gid = number(groups.find((row) => row[0] === groupName)?.[2]) ?? number(groupName);
    if (gid === undefined)
      throw badImage(`the image's group ${JSON.stringify(groupName)} is not in its /etc/group`);
    return { uid, gid };
  }
  const gid = number(known?.[3]) ?? 0;
  const additionalGids = groups
    .filter((row) => known?.[0] !== undefined && row[3]?.split(',').includes(known[0]) === true)
    .map((row) => number(row[2]))
    .filter((one): one is number => one !== undefined && one !== gid);
  return additionalGids.length === 0 ? { uid, gid } : { uid, gid, additionalGids };
}
