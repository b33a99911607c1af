/**
 * Bundle the client and the page that the server serves at `/`.
 *
 *   node build.js [FOLDER]      default: dist/
 *
 * Packages come from node_modules beside this file; where there are none, they are installed into
 * the output folder, so that the sources may be read-only.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, 'dist'));
const packages = installedPackages();
const { buildSync } = createRequire(join(packages, 'any.js'))('esbuild');

/** The folder with node_modules. */
function installedPackages() {
    if (existsSync(join(here, 'node_modules', 'esbuild'))) return here;
    const folder = join(out, 'client_packages');
    if (existsSync(join(folder, 'node_modules', '.package-lock.json'))) return folder;
    mkdirSync(folder, { recursive: true });
    for (const file of ['package.json', 'package-lock.json', '.npmrc'])
        copyFileSync(join(here, file), join(folder, file));
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    execFileSync(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: folder,
        stdio: 'inherit',
    });
    return folder;
}

/**
 * One entry point as one file of text.
 *
 * @param {string} entry
 * @param {object} [options] of esbuild
 * @returns {string}
 */
function bundle(entry, options = {}) {
    const { outputFiles } = buildSync({
        entryPoints: [join(here, entry)],
        bundle: true,
        write: false,
        minify: true,
        format: 'esm',
        target: 'es2022',
        charset: 'utf8',
        nodePaths: [join(packages, 'node_modules')],
        logLevel: 'warning',
        ...options,
    });
    return outputFiles[0].text;
}

/** @param {[string, string][]} rows */
function printSizes(rows) {
    console.log('size in bytes                    minified  gzipped');
    for (const [name, text] of rows) {
        const size = String(Buffer.byteLength(text)).padStart(8);
        const zipped = String(gzipSync(text, { level: 9 }).length).padStart(9);
        console.log(name.padEnd(32), size, zipped);
    }
}

const client = bundle('src/index.js');
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'client.js'), client);
writeFileSync(join(out, 'demo.js'), bundle('demo/demo.js', { external: ['./client.js'] }));
writeFileSync(join(out, 'demo.css'), bundle('demo/demo.css'));
writeFileSync(join(out, 'index.html'), readFileSync(join(here, 'demo/index.html'), 'utf8'));
printSizes([
    ['core', bundle('src/client.js')],
    ['type counter', bundle('src/types/counter.js')],
    ['type text, ot-text-unicode in it', bundle('src/types/text.js')],
    ['binding textarea', bundle('bindings/textarea.js')],
    ['client.js, all of it', client],
]);
