/** AWS partitions by how the names of their regions begin; every other region is one of `aws`. */
const partitions: Readonly<Record<string, string>> = {
  'cn-': 'aws-cn',
  'us-gov-': 'aws-us-gov',
  'us-iso-': 'aws-iso',
  'us-isob-': 'aws-iso-b',
  'eu-isoe-': 'aws-iso-e',
  'us-isof-': 'aws-iso-f',
  'eusc-': 'aws-eusc',
};

/** The second part of every ARN of a region. */
export function partitionOf(region: string): string {
  const found = Object.entries(partitions).find(([start]) => region.startsWith(start));
  return found?.[1] ?? 'aws';
}
