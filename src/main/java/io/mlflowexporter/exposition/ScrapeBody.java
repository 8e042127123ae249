package io.mlflowexporter.exposition;

/**
 * A scrape's answer.
 *
 * @param gzip whether it is compressed
 * @param segments the bytes, not to be changed; none larger than 64 KiB, and some unpacked only as they are asked for
 * @param length of all segments
 */
public record ScrapeBody(String contentType, boolean gzip, Iterable<byte[]> segments, long length) {}
