import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {answers, freePort} from '../test/helpers/port.ts';
import {end, exited, start} from './measure.ts';

/** Added to each answer below /slow/, in milliseconds. */
export const latency = 50;

/** Somebody else may take the port between our looking and its listening. */
const tries = 5;

/** One worker serving `folder` on a free port of the loopback interface, until `endAll`. Returns the origin. */
export async function startNginx(file: string, folder: string): Promise<string> {
	mkdirSync(path.join(folder, 'temporary'), {recursive: true});
	const [configuration, errors] = [path.join(folder, 'nginx.conf'), path.join(folder, 'nginx.log')];
	for (let attempt = 0; attempt < tries; attempt++) {
		const port = await freePort();
		writeFileSync(configuration, configure(folder, port));
		const child = start([file, '-e', errors, '-p', folder, '-c', configuration], ['ignore', 'ignore', 'ignore']);
		const gone = exited(child).catch(() => -1);
		for (;;) {
			if (await answers(port)) return `http://127.0.0.1:${port}`;
			if (await Promise.race([gone.then(() => true), new Promise<false>(resolve => setTimeout(resolve, 20, false))]))
				break;
		}
		end(child);
	}
	throw new Error(`nginx does not start: ${readFileSync(errors, 'utf8').slice(-1_000)}`);
}

/**
 * Latency is nginx's own: `auth_delay` makes a refusal wait in a timer of its event loop, and what comes after the wait is the page.
 * Refused: a proxy or a server in Node, which would be the bottleneck; `limit_req`, which forgives a client the time it wasted
 * itself; netem, which needs root and slows all of the machine.
 */
const configure = (
	folder: string,
	port: number,
) => `${process.getuid?.() === 0 ? 'user root;\n' : ''}worker_processes 1;
daemon off;
pid nginx.pid;
error_log nginx.log;
worker_rlimit_nofile 16384;
events { worker_connections 4096; }
http {
	access_log off;
	sendfile on;
	tcp_nopush on;
	etag on;
	keepalive_requests 100000000;
	keepalive_timeout 300s;
	open_file_cache max=20000 inactive=1h;
	open_file_cache_valid 1h;
	types { text/html html; application/octet-stream bin; }
	charset utf-8;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `\t${name}_temp_path temporary;\n`).join('')}
	server {
		listen 127.0.0.1:${port} backlog=1024;
		root ${folder}/site;
		location / { }
		location /tiny/ { try_files /tiny.bin =404; }
		location /large/ { try_files /large.bin =404; }
		location /part/ { try_files /part.bin =404; }
		location /none/ { return 204; }
		location /slow/ {
			auth_basic late;
			auth_basic_user_file /dev/null;
			auth_delay ${latency}ms;
			error_page 401 =200 @late;
		}
		location @late {
			auth_basic off;
			rewrite ^/slow/(.*)$ /pages/$1 break;
		}
	}
}
`;
