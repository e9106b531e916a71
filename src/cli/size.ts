/** Sizes as people write them. */
import { OcirtError } from '../errors.js';

const UNITS = ['', 'K', 'M', 'G', 'T'];

/** Bytes, with K, M, G or T behind them. @throws OcirtError `usage` */
export function sizeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit = ''] = /^(\d{1,12})([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  const size = Number(digits) * 1024 ** UNITS.indexOf(unit.toUpperCase());
  if (digits !== undefined && Number.isSafeInteger(size)) return size;
  throw new OcirtError('usage', `"${text}" is not a size: give bytes, or such as 512M and 4G`);
}
