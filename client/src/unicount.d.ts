/* The package carries no types. */
declare module 'unicount' {
    export function strPosToUni(text: string, units?: number): number;
    export function uniToStrPos(text: string, points: number): number;
}
