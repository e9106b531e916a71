/** What the operations on network devices take and give. */

/** A network device. */
export interface NetworkLink {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  readonly mtu: number;
  /** Of its hardware. */
  readonly address: Uint8Array;
}

/** An address of a network device; the three addresses are empty where there is none. */
export interface NetworkAddress {
  /** AF_INET, AF_INET6 ... */
  readonly family: number;
  readonly prefix: number;
  /** RT_SCOPE_* */
  readonly scope: number;
  /** IFA_F_* */
  readonly flags: number;
  readonly address: Uint8Array;
  readonly local: Uint8Array;
  readonly broadcast: Uint8Array;
}
