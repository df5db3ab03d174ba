import { type AnnotationEntry, annotationPrefix, ownPrefix } from './entry.ts';
import { annotationSections } from './table.ts';

/** docs/reference/annotations.md, in Markdown. */
export function renderAnnotationsPage(): string {
  return [
    '# Annotations',
    '',
    `Keys have the prefix \`${annotationPrefix}\`, those that AWS Load Balancer Controller does not have \`${ownPrefix}\`. Where an annotation may stand on a Service too, the Service wins over`,
    'the Ingress for its own target groups, and the IngressClassParams field, where there is one, wins over both.',
    '',
    ...annotationSections.flatMap((section) => [
      `## ${section.title}`,
      '',
      ...section.entries.flatMap((entry) => entryLines(entry)),
    ]),
  ].join('\n');
}

const statusLines = {
  built: [],
  written: ['- Output of the controller.'],
} as const;

function entryLines(entry: AnnotationEntry): readonly string[] {
  return [
    `### \`${entry.prefix === ownPrefix ? ownPrefix : ''}${entry.key}\``,
    '',
    entry.doc,
    '',
    `- Allowed: ${entry.allowed}`,
    `- Default: ${entry.byDefault}`,
    `- On: ${entry.on.join(', ')}`,
    `- In a group: ${entry.merge}`,
    ...(entry.params === undefined ? [] : [`- Overridden by IngressClassParams: \`${entry.params}\``]),
    ...statusLines[entry.status],
    '',
    '```yaml',
    `${entry.prefix}${entry.key}: '${entry.example.replaceAll("'", "''")}'`,
    '```',
    '',
  ];
}
