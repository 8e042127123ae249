package io.mlflowexporter.exposition;

import java.util.List;

/**
 * A scrape's answer.
 *
 * @param gzip whether it is compressed
 * @param segments the bytes, not to be changed; none larger than 64 KiB
 * @param length of all segments
 */
public record ScrapeBody(String contentType, boolean gzip, List<byte[]> segments, long length) {}
