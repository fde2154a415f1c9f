// Values as JSON: bytes as {"$hex"}, bigint as {"$big"}, maps and sets as objects and lists.
export function encode(value) {
  if (value === undefined || value === null) {
    return null;
  }
  if (typeof value === 'bigint') {
    return { $big: value.toString() };
  }
  if (typeof value !== 'object') {
    return typeof value === 'function' ? null : value;
  }
  if (ArrayBuffer.isView(value)) {
    return { $hex: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex') };
  }
  if (value instanceof ArrayBuffer) {
    return { $hex: Buffer.from(value).toString('hex') };
  }
  if (Array.isArray(value)) {
    return value.map(encode);
  }
  if (value instanceof Set) {
    return [...value].map(encode);
  }
  if (value instanceof Date) {
    return value.getTime();
  }
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [String(key), encode(item)]));
  }
  // Serializable objects of libsignal travel as their bytes.
  if (typeof value.serialize === 'function') {
    return encode(value.serialize());
  }
  if (value._nativeHandle !== undefined) {
    throw new TypeError(`cannot send a ${value.constructor?.name} without serialize()`);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encode(item)]));
}

export function decode(value) {
  if (value === null || typeof value !== 'object') {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(decode);
  }
  if (typeof value.$hex === 'string') {
    return Buffer.from(value.$hex, 'hex');
  }
  if (typeof value.$big === 'string') {
    return BigInt(value.$big);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item)]));
}
