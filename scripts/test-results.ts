// A node:test reporter that writes the numbers of one run as JSON: how `npm test` knows what really happened.

import type { EventData } from 'node:test';

export type TestResults = { readonly passed: number; readonly failed: number; readonly skipped: number };

type Event = { readonly type: string; readonly data: unknown };

const isSummary = (event: Event): event is { type: string; data: EventData.TestSummary } =>
  event.type === 'test:summary';

// node:test takes a reporter from a module's default export.
// oxlint-disable-next-line import/no-default-export -- see above
export default async function* results(source: AsyncIterable<Event>): AsyncGenerator<string> {
  for await (const event of source) {
    // Without a file it is the summary of the whole run.
    if (!isSummary(event) || event.data.file !== undefined) continue;
    const { tests, passed, skipped, todo } = event.data.counts;
    const counted: TestResults = { passed, failed: tests - passed - skipped - todo, skipped: skipped + todo };
    yield JSON.stringify(counted);
  }
}
