export const STATUS = Object.freeze({
    TAKEN: 399,
});
