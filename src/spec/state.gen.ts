// Made by scripts/generate.mjs from schemas/. Do not edit.
import type { Annotations } from './config.gen.js';

/**
 * Where a container is in its life; `paused` is a status of our own, as runc has it.
 */
export type Status = 'creating' | 'created' | 'running' | 'stopped' | 'paused';

export interface State {
  /**
   * Specification version of the state.
   */
  ociVersion: string;
  /**
   * The container's id.
   */
  id: string;
  status: Status;
  /**
   * Its process, as the reader sees it; needed while created or running.
   */
  pid?: number;
  /**
   * The bundle's directory, absolute.
   */
  bundle: string;
  annotations?: Annotations;
}
