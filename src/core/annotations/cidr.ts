import ipaddr from 'ipaddr.js';

/** Address and prefix length as Go's `net.ParseCIDR` takes them: four decimal parts without leading zeros, or IPv6 without a zone. */
export function isCidr(text: string): boolean {
  const [address = '', length = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^(0|[1-9][0-9]{0,2})$/.test(length)) return false;
  if (isIpv6Text(address)) return ipaddr.IPv6.isValid(address) && Number(length) <= 128;
  return ipaddr.IPv4.isValidFourPartDecimal(address) && !/(^|\.)0[0-9]/.test(address) && Number(length) <= 32;
}

function isIpv6Text(address: string): boolean {
  return address.includes(':') && !address.includes('%');
}
