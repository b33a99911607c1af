/**
 * Bundle the client and the page that the server serves at `/`.
 *
 *   node build.js [FOLDER]      default: dist/
 *
 *   client.js          the client in one file, but for the document types:
 *   client-TYPE.js     each is loaded from beside it when the first document needs it
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
const { build } = createRequire(join(packages, 'any.js'))('esbuild');

const TYPES = ['counter', 'json0', 'rich', 'text', 'tree'];
const BINDINGS = ['textarea', 'codemirror', 'quill', 'react'];
const EDITORS = ['@codemirror/*', 'quill', 'react'];

/**
 * Was it installed from the lock file as it is now?
 *
 * @param {string} folder
 */
function isCurrent(folder) {
    const [ours, theirs] = [here, folder].map((at) =>
        readFileSync(join(at, 'package-lock.json'), 'utf8'),
    );
    return ours === theirs;
}

/** The folder with node_modules. */
function installedPackages() {
    if (existsSync(join(here, 'node_modules', 'esbuild'))) return here;
    const folder = join(out, 'client_packages');
    if (existsSync(join(folder, 'node_modules', '.package-lock.json')) && isCurrent(folder))
        return folder;
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
 * What a bundle finds beside itself, not within: types, and the client from a type's side.
 *
 * @type {import('esbuild').Plugin}
 */
const beside = {
    name: 'beside',
    setup({ onResolve }) {
        onResolve({ filter: /^\.\/types\/\w+\.js$/ }, ({ path, kind }) =>
            kind === 'dynamic-import'
                ? { path: path.replace('types/', 'client-'), external: true }
                : undefined,
        );
        onResolve({ filter: /^\.\.\/status\.js$/ }, ({ importer }) =>
            /types.\w+\.js$/.test(importer) ? { path: './client.js', external: true } : undefined,
        );
    },
};

/** Two helpers of quill-delta that are as large as itself; for JSON these do the same. */
/** @type {Record<string, string>} */
const HELPERS = {
    'lodash.clonedeep': 'module.exports = structuredClone;',
    'lodash.isequal': `module.exports = function equal(a, b) {
        if (a === b || typeof a !== 'object' || typeof b !== 'object' || !a || !b) return a === b;
        const names = Object.keys(a);
        return Array.isArray(a) === Array.isArray(b) && names.length === Object.keys(b).length &&
            names.every((name) => Object.hasOwn(b, name) && equal(a[name], b[name]));
    };`,
};
/** @type {import('esbuild').Plugin} */
const helpers = {
    name: 'helpers',
    setup({ onResolve, onLoad }) {
        const filter = /^lodash\.(clonedeep|isequal)$/;
        onResolve({ filter }, ({ path }) => ({ path, namespace: 'helpers' }));
        onLoad({ filter, namespace: 'helpers' }, ({ path }) => ({ contents: HELPERS[path] }));
    },
};

/**
 * One entry point as one file of text.
 *
 * @param {string} entry
 * @param {object} [options] of esbuild
 * @returns {Promise<string>}
 */
async function bundle(entry, options = {}) {
    const { outputFiles } = await build({
        entryPoints: [join(here, entry)],
        bundle: true,
        write: false,
        minify: true,
        format: 'esm',
        target: 'es2022',
        charset: 'utf8',
        nodePaths: [join(packages, 'node_modules')],
        plugins: [beside, helpers],
        logLevel: 'warning',
        ...options,
    });
    return outputFiles[0].text;
}

/**
 * What others need for the same, gzipped: the bundles of their packages.
 *
 * @type {[string, number][]}
 */
const OTHERS = [
    ["beside: ShareDB's client", 28000],
    ['beside: Yjs and y-websocket', 27000],
];
/** More than that is no longer a small client. */
const CORE_GZIPPED_MAX = 10000;

/** @param {string} text */
const gzipped = (text) => gzipSync(text, { level: 9 }).length;

/** @param {[string, string][]} rows */
function printSizes(rows) {
    const line = (/** @type {any[]} */ ...[name, size, zipped]) =>
        console.log(name.padEnd(34), String(size).padStart(9), String(zipped).padStart(9));
    line('size in bytes', 'minified', 'gzipped');
    for (const [name, text] of rows) line(name, Buffer.byteLength(text), gzipped(text));
    for (const [name, size] of OTHERS) line(name, '', size);
}

/**
 * A binding, without the editor.
 *
 * @param {string} name
 * @returns {Promise<[string, string]>}
 */
async function bindingOf(name) {
    return [`binding ${name}`, await bundle(`bindings/${name}.js`, { external: EDITORS })];
}

const core = await bundle('src/client.js');
const client = await bundle('src/index.js');
const types = await Promise.all(TYPES.map((type) => bundle(`src/types/${type}.js`)));
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'client.js'), client);
TYPES.forEach((type, index) => writeFileSync(join(out, `client-${type}.js`), types[index]));
const demo = await bundle('demo/demo.js', { external: ['./client.js'] });
writeFileSync(join(out, 'demo.js'), demo);
writeFileSync(join(out, 'demo.css'), await bundle('demo/demo.css'));
writeFileSync(join(out, 'index.html'), readFileSync(join(here, 'demo/index.html'), 'utf8'));
printSizes([
    ['core', core],
    ...TYPES.map((type, index) => /** @type {[string, string]} */ ([`type ${type}`, types[index]])),
    ['storage in IndexedDB', await bundle('src/storage/indexeddb.js')],
    ...(await Promise.all(BINDINGS.map(bindingOf))),
    ['kit', await bundle('kit/index.js')],
    ['client.js: core, storage, binding', client],
    ['demo, without client.js', demo],
    ['inspector', await bundle('inspector/inspector.js', { external: ['./people.js'] })],
]);
if (gzipped(core) > CORE_GZIPPED_MAX)
    throw new Error(`the core has more than ${CORE_GZIPPED_MAX} bytes gzipped`);
