import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { Json } from './json.ts';

const call = z.object({
  service: z.string(),
  operation: z.string(),
  params: z.record(z.string(), z.unknown()),
  as: z.string().optional(),
  result: z.string().optional(),
  idBefore: z.string().optional(),
  idAfter: z.string().optional(),
});
export type OutsideCall = z.infer<typeof call>;

const caseWorld = z.object({
  flags: z.array(z.string()).default([]),
  aws: z.array(call).default([]),
  shield: z.string().optional(),
  webhooks: z.boolean().optional(),
  record: z.array(z.string()).optional(),
  tgb: z.boolean().optional(),
  faults: z
    .array(
      z.object({
        step: z.union([z.string(), z.number()]).optional(),
        operation: z.string(),
        times: z.number().default(1),
        status: z.number(),
        code: z.string(),
        message: z.string().default(''),
      }),
    )
    .default([]),
});

const expectation = z.object({
  case: z.string(),
  proves: z.array(z.string()),
  point: z.string().default(''),
  steps: z.array(z.looseObject({ file: z.string() })),
});

export type RecordedCase = {
  readonly name: string;
  readonly folder: string;
  readonly ids: readonly string[];
  /** What it shows, in one line. */
  readonly point?: string;
  readonly world: z.infer<typeof caseWorld>;
  /** File names in order: `.yaml` steps and `.json` calls of somebody else. */
  readonly files: readonly string[];
  readonly expected: ReadonlyMap<string, Readonly<Record<string, Json>>>;
};

/** Every case below some folders, however deep. Throws for a folder without one, and for a case that cannot be read. */
export function casesIn(folders: readonly string[]): readonly RecordedCase[] {
  return folders.flatMap((folder) => {
    if (!existsSync(folder) || !statSync(folder).isDirectory())
      throw new Error(`${folder} is not a folder of recorded cases`);
    const found = caseFolders(folder);
    if (found.length === 0)
      throw new Error(`${folder} holds no recorded case (no expected.json in it or in its folders)`);
    return found.map(readCase);
  });
}

function caseFolders(folder: string): readonly string[] {
  if (existsSync(join(folder, 'expected.json'))) return [folder];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    .toSorted()
    .flatMap(caseFolders);
}

function readCase(folder: string): RecordedCase {
  const parsed = readJson(folder, 'expected.json', expectation);
  const files = readdirSync(folder).filter((file) => /^\d+.*\.(ya?ml|json)$/.test(file));
  return {
    name: basename(folder),
    folder,
    ids: parsed.proves,
    point: parsed.point,
    world: existsSync(join(folder, 'world.json'))
      ? readJson(folder, 'world.json', caseWorld)
      : caseWorld.parse({}),
    files: files.toSorted(),
    expected: new Map(parsed.steps.map((step) => [step.file, step as Readonly<Record<string, Json>>])),
  };
}

function readJson<T>(folder: string, file: string, schema: z.ZodType<T>): T {
  const path = join(folder, file);
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Error(`${path} is not that of a recorded case: ${why}`, { cause: error });
  }
}
