/** What this program is. A test holds the version against package.json. */
export const NAME = 'ocirt';
export const VERSION = '0.1.0';
/** The newest version of the runtime specification that is implemented. */
export const SPEC_VERSION = '1.3.0';
