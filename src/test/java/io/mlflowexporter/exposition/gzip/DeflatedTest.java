package io.mlflowexporter.exposition.gzip;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.exposition.Scrapes;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DeflatedTest {
    @Property
    void theCrcOfTwoTextsFollowsFromTheirs(@ForAll byte[] a, @ForAll byte[] b) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(a);
        both.writeBytes(b);

        assertThat(Crc.combine(crc(a), crc(b), Crc.shift(b.length))).isEqualTo(crc(both.toByteArray()));
    }

    @Property(tries = 200)
    void anyPartsAreOneMember(@ForAll @Size(max = 5) List<byte[]> texts) {
        assertThat(Scrapes.gunzip(member(texts))).isEqualTo(joined(texts));
    }

    @Test
    void partsOfAllSizesAreOneMember() {
        Random random = new Random(7);
        List<byte[]> texts = new ArrayList<>();
        for (int size : new int[] {0, 1, 4095, 4096, 4097, 16 * 1024, 64 * 1024 + 1, 300_000}) {
            byte[] noise = new byte[size];
            random.nextBytes(noise);
            texts.add(noise);
            texts.add("mlflow_runs 1\n".repeat(size / 14).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }

        assertThat(Scrapes.gunzip(member(texts))).isEqualTo(joined(texts));
    }

    @Test
    void segmentsLoseAsManyBytesAsAsked() {
        Segments segments = new Segments();
        segments.write(new byte[4096], 0, 4096);
        segments.write(new byte[] {1, 2, 3}, 0, 3);

        assertThat(joined(segments.toList())).hasSize(4099);
        assertThat(joined(segments.without(2))).hasSize(4097).endsWith(1);
        assertThat(joined(segments.without(6))).hasSize(4093);
        assertThat(segments.without(4099)).isEmpty();
    }

    private static byte[] member(List<byte[]> texts) {
        List<BodyPiece> parts = new ArrayList<>();
        for (byte[] text : texts) {
            Segments segments = new Segments();
            segments.write(text, 0, text.length);
            parts.add(Deflated.of(BodyPiece.plain(segments.toList())));
        }
        return joined(Deflated.member(parts));
    }

    private static byte[] joined(List<byte[]> parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        parts.forEach(bytes::writeBytes);
        return bytes.toByteArray();
    }

    private static int crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
