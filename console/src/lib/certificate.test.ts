import { expect, test } from "vitest";
import { readCertificate, validityOf } from "./certificate";

const PEM = `-----BEGIN CERTIFICATE-----
MIIBoDCCAUWgAwIBAgIUElY5MX2l8NwJx4KevE2aqO6Xp7QwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEc2hvcDAeFw0yNjExMjMxNDI5MTVaFw0zNjExMjAxNDI5MTVa
MA8xDTALBgNVBAMMBHNob3AwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATdhj7N
VprGc94NOXdLbMpkDOOp9qRYfjrcmti4G/dEVdGkMCtSkPR2rlUxe/HHhNDJAl/h
XxZD9hFJDxi8F+dfo38wfTAdBgNVHQ4EFgQUCkwMdfQTktNFDxM5eMPWhNmJGLAw
HwYDVR0jBBgwFoAUCkwMdfQTktNFDxM5eMPWhNmJGLAwDwYDVR0TAQH/BAUwAwEB
/zAqBgNVHREEIzAhghBzaG9wLmV4YW1wbGUub3Jngg0qLmV4YW1wbGUub3JnMAoG
CCqGSM49BAMCA0kAMEYCIQCB7zXzdAya282rZO9e4xNjKMx/nOCFiaMOYTd78eIK
2AIhAPtx4InqAYiHWRcR1LZhPgHW+pCx0NIT7VwEARjc4j2t
-----END CERTIFICATE-----`;

test("a certificate tells until when and for which names it is", () => {
  const found = readCertificate(`Subject: whatever\n${PEM}\n${PEM}`);
  expect(found?.until.toISOString()).toBe("2036-11-20T14:29:15.000Z");
  expect(found?.names).toEqual(["shop.example.org", "*.example.org"]);
});

test.each(["", "nonsense", PEM.replace("MII", "AAA"), `${PEM.slice(0, 200)}\n-----END CERTIFICATE-----`])("what is none is not read: %#", (text) =>
  expect(readCertificate(text)).toBeUndefined(),
);

const day = 86_400_000;
test.each([
  [-1, "early"],
  [0, "valid"],
  [59, "valid"],
  [61, "soon"],
  [90, "expired"],
])("a certificate of 90 days is, after %d: %s", (days, validity) => expect(validityOf({ from: new Date(0), until: new Date(90 * day) }, days * day)).toBe(validity));
