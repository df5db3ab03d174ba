import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePorts } from '../support/free-ports.ts';

/** A loopback port that leads to a server while it is open, and where nobody listens while it is shut. */
export class Gate {
  readonly url: string;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  private constructor(port: number) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async create(): Promise<Gate> {
    const [port = 0] = await freePorts(1);
    return new Gate(port);
  }

  async open(to: string): Promise<void> {
    const target = Number(new URL(to).port);
    const server = createServer((socket) => {
      const onward = connect(target, '127.0.0.1');
      for (const [from, into] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        this.#sockets.add(from);
        from.pipe(into);
        from.on('error', () => into.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          into.destroy();
        });
      }
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen(this.#port, '127.0.0.1', resolve),
    );
  }

  /** Breaks what is open, as a server that dies does. */
  async shut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
