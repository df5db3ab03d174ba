/** Why a file cannot be used, and what to do about it; what the system says where that is nothing of a file's. */
export function fileTrouble(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder; correct the path',
  ENOTDIR: 'a part of the path is a file, not a folder; correct the path',
  EACCES: 'permission denied; let the user of this process read it',
  EPERM: 'permission denied; let the user of this process read it',
  EISDIR: 'it is a folder; name the file in it',
  ELOOP: 'its symbolic links lead in a circle',
};
