/** Where the Kubernetes edge reports what it got over by itself; a pino logger fits. */
export type KubeLog = {
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly info: (fields: Readonly<Record<string, unknown>>, message: string) => void;
};
