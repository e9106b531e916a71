/** How the networks of a sandbox refuse: each kind of fault has a code (docs/errors.md). */
import { OcirtError } from '../../errors.js';

const WORDS =
  'none, host, bridge, bridge:NAME, macvlan:DEVICE,ip=..., ipvlan:DEVICE,ip=..., or the name of a list in /etc/cni/net.d';

/** A word that is no network. */
export function badNetwork(
  word: string,
  why: string,
  hint = `--network takes ${WORDS}`,
): OcirtError {
  return new OcirtError('network-invalid', `network "${word}": ${why}`, { hint });
}

/** A port that cannot be read, or cannot be published. */
export function badPort(word: string, why: string): OcirtError {
  return new OcirtError('port-invalid', `published port "${word}": ${why}`, {
    hint: '--publish takes [IP:]HOST:CONTAINER[/tcp|udp], such as 8080:80 or 127.0.0.1:5000-5009:5000-5009/udp',
  });
}

/** A port of the host's that somebody has already, or may not have. */
export function portTaken(port: string, why: string, hint: string): OcirtError {
  return new OcirtError('port-taken', `published port ${port}: ${why}`, { hint });
}

export function badResolver(word: string): OcirtError {
  return new OcirtError('dns-invalid', `"${word}" is not the address of a resolver`, {
    hint: '--dns takes an IP address, such as 192.0.2.53',
  });
}

/** A program or plugin that does the work and is not there. */
export function programMissing(what: string, packages: string): OcirtError {
  return new OcirtError('network-program-missing', `${what} is not installed`, {
    hint: `apt install ${packages}`,
  });
}

/** It was tried, and did not work. */
export function networkFailed(message: string, hint?: string, cause?: unknown): OcirtError {
  return new OcirtError('network-failed', message, { hint, cause });
}
