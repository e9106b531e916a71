/** A world for the tests of one `describe`, and for each of them a name and a folder for its container. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach } from 'node:test';
import { World } from './world.js';

export interface Place {
  readonly world: World;
  /** How many there were before, and this one: for ports that nobody else has. */
  readonly count: number;
  /** Of a container. */
  readonly name: string;
  /** Its own. */
  readonly folder: string;
}

/**
 * Makes the world before the first test, and ends it after the last.
 *
 * @param prefix of the names
 * @param use is given the place of each test before it begins
 * @param prepare what all of them need
 * @returns what makes one more place, and gives it to `use`
 */
export function inWorld(
  prefix: string,
  use: (place: Place) => void,
  prepare?: (world: World) => Promise<void>,
): () => void {
  let world: World;
  let count = 0;
  const next = () => {
    const name = `${prefix}${++count}`;
    const folder = join(world.folder, name);
    mkdirSync(folder);
    use({ world, count, name, folder });
  };
  before(async () => {
    world = await World.make();
    await prepare?.(world);
  });
  after(async () => {
    await world.end();
  });
  beforeEach(next);
  return next;
}
