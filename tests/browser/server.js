import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const REFERENCE = fileURLToPath(new URL('../../client/test/support/serve.js', import.meta.url));

async function freePort() {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    server.close();
    return port;
}

/** The server under test, with a data folder of its own; may be ended and started again. */
export class Server {
    /** Its data folder. */
    folder = mkdtempSync(join(tmpdir(), 'tutti-browser-'));
    #process = null;
    port = 0;
    #adminPort = 0;

    get url() {
        return `http://127.0.0.1:${this.port}/`;
    }

    /** Where the inspector is. */
    get adminUrl() {
        return `http://127.0.0.1:${this.#adminPort}/`;
    }

    async start() {
        this.port ||= await freePort();
        this.#adminPort ||= await freePort();
        const { TUTTID } = process.env;
        const tuttid = [TUTTID, '--data', this.folder];
        tuttid.push('--listen', `127.0.0.1:${this.port}`);
        tuttid.push('--admin', `127.0.0.1:${this.#adminPort}`);
        const reference = [process.execPath, REFERENCE, String(this.port)];
        const [program, ...options] = TUTTID === 'reference' ? reference : tuttid;
        const child = spawn(program, options, { stdio: ['ignore', 'pipe', 'inherit'] });
        this.#process = child;
        const lines = createInterface({ input: child.stdout });
        await new Promise((resolve, reject) => {
            lines.on('line', (line) => line === 'ready' && resolve());
            child.on('error', reject);
            child.on('exit', (code) => reject(new Error(`the server ended with ${code}`)));
        });
    }

    /** @param {'SIGTERM' | 'SIGKILL'} signal */
    async end(signal = 'SIGTERM') {
        const child = this.#process;
        this.#process = null;
        if (child === null || child.exitCode !== null) return;
        child.kill(signal);
        await once(child, 'exit');
    }

    async close() {
        await this.end();
        rmSync(this.folder, { recursive: true, force: true });
    }
}
