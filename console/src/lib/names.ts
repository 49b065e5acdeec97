/** A name as Kubernetes takes it for most things: a label by RFC 1123. */
export const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
