import {once} from 'node:events';

/**
 * Ctrl-Z: the whole process group stops, so that the shell (and npm, if it started us) notices. Where nobody does job
 * control the signal is ignored and no SIGCONT ever comes, so a moment later the screen comes back by itself.
 */
export async function stopProcess(): Promise<void> {
	const continued = once(process, 'SIGCONT');
	process.kill(process.platform === 'win32' ? process.pid : 0, 'SIGTSTP');
	await Promise.race([continued, new Promise(resolve => setTimeout(resolve, 200))]);
}
