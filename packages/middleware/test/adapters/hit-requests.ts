/** What hits are asked for. */
import type { Asking } from './client.ts';

/** Requests that are hits: the status, and fields in which `ETAG` and `DATE` stand for those of the page. */
export const requests: Readonly<Record<string, [status: number, asking: Asking]>> = {
  'a plain GET': [200, {}],
  HEAD: [200, { method: 'HEAD' }],
  'If-None-Match with the tag of the page': [304, { fields: { 'If-None-Match': 'ETAG' } }],
  'If-None-Match with the tag as a weak one': [304, { fields: { 'If-None-Match': 'W/ETAG' } }],
  'If-None-Match with a list': [304, { fields: { 'If-None-Match': '"a", ETAG, "b"' } }],
  'If-None-Match: *': [304, { fields: { 'If-None-Match': '*' } }],
  'If-None-Match with another tag': [200, { fields: { 'If-None-Match': '"other"' } }],
  'If-Modified-Since with the date of the page': [304, { fields: { 'If-Modified-Since': 'DATE' } }],
  'If-Modified-Since with an old date': [
    200,
    { fields: { 'If-Modified-Since': 'Sun, 06 Nov 1994 08:49:37 GMT' } },
  ],
  'If-Match with another tag': [412, { fields: { 'If-Match': '"other"' } }],
  'If-Unmodified-Since with an old date': [
    412,
    { fields: { 'If-Unmodified-Since': 'Sun, 06 Nov 1994 08:49:37 GMT' } },
  ],
  'a conditional HEAD': [304, { method: 'HEAD', fields: { 'If-None-Match': 'ETAG' } }],
  'the first bytes': [206, { fields: { Range: 'bytes=0-99' } }],
  'the last bytes': [206, { fields: { Range: 'bytes=-10' } }],
  'from a byte to the end': [206, { fields: { Range: 'bytes=5000-' } }],
  'two ranges': [206, { fields: { Range: 'bytes=0-9,100-109' } }],
  'bytes that are not there': [416, { fields: { Range: 'bytes=9999999-' } }],
  'a range of another unit': [200, { fields: { Range: 'lines=0-1' } }],
  'If-Range with the tag of the page': [206, { fields: { Range: 'bytes=0-9', 'If-Range': 'ETAG' } }],
  'If-Range with another tag': [200, { fields: { Range: 'bytes=0-9', 'If-Range': '"old"' } }],
  gzip: [200, { fields: { 'Accept-Encoding': 'gzip' } }],
  br: [200, { fields: { 'Accept-Encoding': 'gzip;q=0.5, br' } }],
  'br that is refused': [200, { fields: { 'Accept-Encoding': 'br;q=0, gzip' } }],
  'no coding but identity': [200, { fields: { 'Accept-Encoding': 'identity' } }],
  'a range of a variant': [206, { fields: { 'Accept-Encoding': 'br', Range: 'bytes=0-9' } }],
  'HEAD of a variant': [200, { method: 'HEAD', fields: { 'Accept-Encoding': 'gzip' } }],
};
