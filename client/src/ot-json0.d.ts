/* The package carries no types. */
declare module 'ot-json0' {
    const ot: { type: any };
    export default ot;
}
declare module 'ot-json0/lib/text0.js' {
    const text0: any;
    export default text0;
}
