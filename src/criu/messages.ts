/**
 * The messages of CRIU's service, those of their fields that are used here. CRIU, images/rpc.proto;
 * https://criu.org/RPC
 */
import { decode, encode, type Message, type Schema } from './wire.js';

/** criu_req_type, of requests and of answers. */
export const KIND = {
  dump: 1,
  restore: 2,
  preDump: 4,
  notify: 6,
  featureCheck: 9,
  version: 10,
} as const;

/** criu_cg_mode: what becomes of cgroups and their properties. */
export const CGROUP_MODE = { ignore: 0, soft: 3, full: 4, strict: 5, default: 6 } as const;

/** criu_network_lock_method: what keeps packets away from connections meanwhile. */
export const NETWORK_LOCK = { iptables: 1, nftables: 2, skip: 3 } as const;

const OPTIONS = {
  imagesDirFd: { id: 1, type: 'int32' },
  pid: { id: 2, type: 'int32' },
  leaveRunning: { id: 3, type: 'bool' },
  extUnixSk: { id: 4, type: 'bool' },
  tcpEstablished: { id: 5, type: 'bool' },
  evasiveDevices: { id: 6, type: 'bool' },
  shellJob: { id: 7, type: 'bool' },
  fileLocks: { id: 8, type: 'bool' },
  logLevel: { id: 9, type: 'int32' },
  logFile: { id: 10, type: 'string' },
  pageServer: {
    id: 11,
    type: { address: { id: 1, type: 'string' }, port: { id: 2, type: 'int32' } },
  },
  notifyScripts: { id: 12, type: 'bool' },
  root: { id: 13, type: 'string' },
  /** Relative to the folder of the images. */
  parentImg: { id: 14, type: 'string' },
  trackMem: { id: 15, type: 'bool' },
  autoDedup: { id: 16, type: 'bool' },
  workDirFd: { id: 17, type: 'int32' },
  linkRemap: { id: 18, type: 'bool' },
  extMnt: {
    id: 23,
    type: { key: { id: 1, type: 'string' }, val: { id: 2, type: 'string' } },
    repeated: true,
  },
  manageCgroups: { id: 24, type: 'bool' },
  cgRoot: {
    id: 25,
    type: { ctrl: { id: 1, type: 'string' }, path: { id: 2, type: 'string' } },
    repeated: true,
  },
  rstSibling: { id: 26, type: 'bool' },
  inheritFd: {
    id: 27,
    type: { key: { id: 1, type: 'string' }, fd: { id: 2, type: 'int32' } },
    repeated: true,
  },
  manageCgroupsMode: { id: 34, type: 'uint32' },
  external: { id: 37, type: 'string', repeated: true },
  emptyNs: { id: 38, type: 'uint32' },
  joinNs: {
    id: 39,
    type: { ns: { id: 1, type: 'string' }, nsFile: { id: 2, type: 'string' } },
    repeated: true,
  },
  cgroupDumpController: { id: 43, type: 'string', repeated: true },
  freezeCgroup: { id: 44, type: 'string' },
  tcpSkipInFlight: { id: 46, type: 'bool' },
  lazyPages: { id: 48, type: 'bool' },
  orphanPtsMaster: { id: 50, type: 'bool' },
  configFile: { id: 51, type: 'string' },
  tcpClose: { id: 52, type: 'bool' },
  lsmProfile: { id: 53, type: 'string' },
  lsmMountContext: { id: 63, type: 'string' },
  networkLock: { id: 64, type: 'uint32' },
} as const satisfies Schema;

const FEATURES = {
  memTrack: { id: 1, type: 'bool' },
  lazyPages: { id: 2, type: 'bool' },
} as const satisfies Schema;

const REQUEST = {
  type: { id: 1, type: 'uint32' },
  opts: { id: 2, type: OPTIONS },
  notifySuccess: { id: 3, type: 'bool' },
  /** Another request follows on this connection; only of questions. */
  keepOpen: { id: 4, type: 'bool' },
  features: { id: 5, type: FEATURES },
} as const satisfies Schema;

const ANSWER = {
  type: { id: 1, type: 'uint32' },
  success: { id: 2, type: 'bool' },
  restore: { id: 4, type: { pid: { id: 1, type: 'int32' } } },
  notify: {
    id: 5,
    type: { script: { id: 1, type: 'string' }, pid: { id: 2, type: 'int32' } },
  },
  crErrno: { id: 7, type: 'int32' },
  features: { id: 8, type: FEATURES },
  crErrmsg: { id: 9, type: 'string' },
  version: {
    id: 10,
    type: {
      major: { id: 1, type: 'int32' },
      minor: { id: 2, type: 'int32' },
      sublevel: { id: 4, type: 'int32' },
    },
  },
} as const satisfies Schema;

export type CriuOptions = Message<typeof OPTIONS>;
export type CriuFeatures = Message<typeof FEATURES>;
export type CriuRequest = Message<typeof REQUEST>;
export type CriuAnswer = Message<typeof ANSWER>;

export const encodeRequest = (request: CriuRequest): Uint8Array => encode(REQUEST, request);
export const decodeAnswer = (bytes: Uint8Array): CriuAnswer => decode(ANSWER, bytes);
