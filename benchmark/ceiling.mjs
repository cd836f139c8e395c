// The least that Node can do for the same work: undici's `dispatch` with a handler, and nothing that makes a downloader of it. No
// redirects, retries, names, journal, screen. Usage: ceiling.mjs CONCURRENCY FILE-OF-URLS [FOLDER [safe]]
// With `safe`, no crash leaves half a body under its name, and nothing that stands there is replaced.
import {closeSync, linkSync, openSync, readFileSync, unlinkSync, writeFileSync, writevSync} from 'node:fs';
import path from 'node:path';
import {Agent} from 'undici';

const [concurrency, list, folder, safe] = process.argv.slice(2);
const suffix = safe ? '.part' : '';
/** Bytes that are written in one call; a body that is shorter is collected and written once. */
const batch = 1024 * 1024;
const urls = readFileSync(list, 'utf8').trim().split('\n');
const agent = new Agent({connections: null, pipelining: 1});
let next = 0;

/** One of the coroutines, without being one: what a request ends with is the start of the next. */
class Request {
	#chunks = [];
	#waiting = 0;
	#position = 0;
	#file;
	#missing = 0;

	start() {
		const line = urls[next++];
		if (line === undefined) return;
		const url = new URL(line);
		this.#file = folder && path.join(folder, path.basename(url.pathname));
		agent.dispatch({origin: url.origin, path: url.pathname + url.search, method: 'GET'}, this);
	}

	onRequestStart() {}

	onResponseStart(_controller, status, headers) {
		if (status !== 200 && status !== 204) throw new Error(`status ${status}`);
		this.#missing = Number(headers['content-length'] ?? 0);
		this.#position = 0;
	}

	onResponseData(_controller, chunk) {
		this.#missing -= chunk.length;
		if (!folder) return;
		this.#chunks.push(chunk);
		this.#waiting += chunk.length;
		if (this.#waiting >= batch) this.#flush();
	}

	onResponseEnd() {
		if (this.#missing !== 0) throw new Error('the body is not whole');
		if (folder) this.#save();
		this.start();
	}

	onResponseError(_controller, error) {
		throw error;
	}

	#descriptor;

	#flush() {
		this.#descriptor ??= openSync(this.#file + suffix, 'wx');
		// tmpfs takes it all in one call; a shorter count would be an error that no test of ours can cause.
		if (writevSync(this.#descriptor, this.#chunks, this.#position) !== this.#waiting) throw new Error('short write');
		this.#position += this.#waiting;
		this.#chunks = [];
		this.#waiting = 0;
	}

	#save() {
		this.#write();
		if (!safe) return;
		linkSync(this.#file + suffix, this.#file);
		unlinkSync(this.#file + suffix);
	}

	#write() {
		if (this.#descriptor === undefined) {
			writeFileSync(this.#file + suffix, this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks), {
				flag: 'wx',
			});
			this.#chunks = [];
			this.#waiting = 0;
			return;
		}
		if (this.#waiting > 0) this.#flush();
		closeSync(this.#descriptor);
		this.#descriptor = undefined;
	}
}

for (let index = 0; index < Number(concurrency); index++) new Request().start();
process.once('beforeExit', () => agent.close());
