import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:https';
import {type AddressInfo, isIP} from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type {Duplex} from 'node:stream';
import type {TestContext} from 'node:test';
import type {TlsOptions} from 'node:tls';
import type {Handler} from './server.ts';

/** Why no certificates can be had here, if so. */
export const noOpenssl: string | false =
	spawnSync('openssl', ['version']).status === 0 ? false : 'needs `openssl` (apt-get install openssl)';

/** PEM texts, and the files they are in. */
export type Certificate = {cert: string; key: string; certFile: string; keyFile: string};

type Wish = {hosts?: readonly string[]; from?: string; until?: string; selfSigned?: boolean};

const extensions = {
	authority: 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash',
	server: (hosts: readonly string[]) =>
		`basicConstraints=CA:FALSE\nsubjectAltName=${hosts.map(host => `${isIP(host) ? 'IP' : 'DNS'}:${host}`).join(',')}`,
};

/** A certificate authority of a test's own, made by openssl in a folder that is gone when the process ends. */
export class Authority {
	readonly #dir = mkdtempSync(path.join(os.tmpdir(), 'fetchtop-tls-'));
	readonly root: Certificate;
	#count = 0;

	constructor() {
		process.once('exit', () => rmSync(this.#dir, {recursive: true, force: true}));
		mkdirSync(path.join(this.#dir, 'new'));
		writeFileSync(path.join(this.#dir, 'index.txt'), '');
		writeFileSync(path.join(this.#dir, 'serial'), '01\n');
		const settings = {
			new_certs_dir: path.join(this.#dir, 'new'),
			database: path.join(this.#dir, 'index.txt'),
			serial: path.join(this.#dir, 'serial'),
			default_md: 'sha256',
			policy: 'policy',
			unique_subject: 'no',
		};
		const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
		const config = `[ca]\ndefault_ca=own\n[own]\n${lines.join('\n')}\n[policy]\ncommonName=supplied\n[req]\ndistinguished_name=name\n[name]\n`;
		writeFileSync(path.join(this.#dir, 'config'), config);
		this.root = this.#make('fetchtop test authority', extensions.authority, {selfSigned: true});
	}

	/** A certificate for these hosts; times as `20200101000000Z`. */
	issue({hosts = ['localhost', '127.0.0.1', '::1'], ...wish}: Wish = {}): Certificate {
		return this.#make(hosts[0] ?? 'nobody', extensions.server(hosts), wish);
	}

	#make(
		name: string,
		extension: string,
		{from = '20200101000000Z', until = '21260101000000Z', selfSigned}: Wish,
	): Certificate {
		const file = (ending: string) => path.join(this.#dir, `${this.#count}.${ending}`);
		this.#count++;
		const [keyFile, certFile] = [file('key'), file('pem')];
		const config = ['-config', path.join(this.#dir, 'config')];
		writeFileSync(file('ext'), extension);
		openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', keyFile);
		openssl('req', ...config, '-new', '-key', keyFile, '-subj', `/CN=${name}`, '-out', file('csr'));
		const signer = selfSigned
			? ['-selfsign', '-keyfile', keyFile]
			: ['-cert', this.root.certFile, '-keyfile', this.root.keyFile];
		const dates = ['-startdate', from, '-enddate', until, '-extfile', file('ext')];
		openssl('ca', ...config, '-batch', '-notext', ...signer, ...dates, '-in', file('csr'), '-out', certFile);
		const [cert, key] = [certFile, keyFile].map(from => readFileSync(from, 'utf8')) as [string, string];
		return {cert, key, certFile, keyFile};
	}
}

const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, {stdio: ['ignore', 'pipe', 'pipe']});

/** An HTTPS server that is closed after the test. Resolves with its origin. */
export async function startTls(
	t: TestContext,
	{cert, key}: Certificate,
	answer: Handler,
	options: TlsOptions = {},
): Promise<string> {
	const server = createServer({cert, key, ...options}, (request, response) => void answer(request, response));
	const sockets = new Set<Duplex>();
	server.on('connection', socket => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.after(async () => {
		const closed = new Promise(resolve => server.close(resolve));
		for (const socket of sockets) socket.destroy();
		await closed;
	});
	return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
