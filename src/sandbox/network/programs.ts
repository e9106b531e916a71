/** Where programs and plugins are. */
import { accessSync, constants } from 'node:fs';

/** Not in the PATH of ordinary users, and of some services. */
const MORE_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** PATH, with the folders of the system's programs behind it. */
export function searchPath(path: string | undefined = process.env.PATH): string {
  const given = (path ?? '').split(':').filter((folder) => folder.startsWith('/'));
  return [...new Set([...given, ...MORE_FOLDERS])].join(':');
}

/** The first executable of that name; undefined if there is none. */
export function findProgram(name: string, path: string = searchPath()): string | undefined {
  return path
    .split(':')
    .map((folder) => `${folder}/${name}`)
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
