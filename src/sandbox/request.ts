/** What is asked for on the command line of `sandbox` and `bundle generate`, read and checked. Plain data. */

/** A folder or file of the host, and where it is in the container. */
export interface Volume {
  /** As given: relative to the working directory. */
  readonly source: string;
  /** Absolute. */
  readonly target: string;
  readonly readOnly: boolean;
  /** Others of mount(8): nosuid, nodev, noexec. */
  readonly options: readonly string[];
}

/** Who lays the overlay: the kernel where it can, or fuse-overlayfs. */
export type OverlayDriver = 'auto' | 'kernel' | 'fuse';

export interface Overlay {
  readonly driver: OverlayDriver;
  /** What is written is kept here, and is there again the next time; absent: it is thrown away. */
  readonly keep?: string | undefined;
}

/** What goes into config.json. */
export interface ConfigRequest {
  /** A folder, a tar, an image; absent: busybox. */
  readonly rootfs?: string | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
  /** Processors, such as 0.5. */
  readonly cpus?: number | undefined;
  /** Processes and threads. */
  readonly pids?: number | undefined;
  readonly hostname?: string | undefined;
  /** `KEY=VALUE`, or `KEY`: as the caller has it. */
  readonly env: readonly string[];
  readonly volumes: readonly Volume[];
  /** `USER[:GROUP]`, by name or number. */
  readonly user?: string | undefined;
  /** Absolute. */
  readonly workdir?: string | undefined;
  readonly readOnly: boolean;
  readonly overlay?: Overlay | undefined;
  readonly network?: string | undefined;
  readonly publish: readonly string[];
  readonly dns: readonly string[];
  /** A user namespace also where root asks. */
  readonly rootless: boolean;
  /** Empty: what the image says, or a shell. */
  readonly command: readonly string[];
}

/** And how it is run. */
export interface SandboxRequest extends ConfigRequest {
  readonly name?: string | undefined;
  readonly detach: boolean;
  /** Of a detached one: where standard output and error are appended to; absent: nowhere. */
  readonly output?: string | undefined;
  readonly explain: boolean;
  /** No report at exit. */
  readonly quiet: boolean;
  readonly systemd: boolean;
  readonly cgroupDisabled: boolean;
}
