/** node:fs and node:child_process: commander needs them for subcommands that are programs; ocirt has none. */
export default {};
