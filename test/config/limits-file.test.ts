import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { limitsFile } from '../../src/config/limits-file.ts';

test('a limits file that cannot be used is answered with what is wrong and what to write', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'limits-'));
  try {
    const written = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    };
    const paths: readonly (readonly [string, RegExp])[] = [
      [join(folder, 'absent'), /^cannot be read: no such file or folder; correct the path$/],
      [folder, /^cannot be read: it is a folder; name the file in it$/],
      [
        await written('empty', ''),
        /^is empty; write a line such as rules-per-application-load-balancer: 200/,
      ],
      [await written('broken', 'a: [b'), /^cannot be read: .*line 1/],
      [await written('text', 'words'), /^is not a map from names of quotas to numbers, such as/],
      [await written('name', 'rules-per-alb: 1'), /names “rules-per-alb”, which is no quota/],
      [
        await written('number', 'rules-per-application-load-balancer: many'),
        /a quota is a whole number of at least 0/,
      ],
    ];
    for (const [path, message] of paths) {
      const result = limitsFile(path);
      assert.ok(result.kind === 'mistake', path);
      assert.match(result.message, message);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
