import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;

/**
 * COUNT and SUM by account with Kafka Streams: `AccountTotals BOOTSTRAP TOPIC APPLICATION STATE_DIR [TOTALS]`. Reads the topic to the
 * end that it has at the start, closes (which writes what is cached to RocksDB and the changelog), and exits. Writes the
 * totals, a line each, into the file TOTALS before it closes. Nothing is configured but what an application must say: threads, cache,
 * commit interval and RocksDB are at their defaults.
 */
public final class AccountTotals {
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Payment(String account, int amount) {}

    record Total(long payments, long amount) {}

    private static final String STORE = "totals";

    public static void main(String[] args) throws Exception {
        var topic = args[1];
        var ends = Application.endsOf(args[0], topic);
        var reached = new CountDownLatch(1);
        // One thread by default, so the count needs no lock.
        long[] left = {ends};

        var builder = new StreamsBuilder();
        builder.stream(topic, Consumed.with(Serdes.String(), paymentSerde()))
            .groupByKey()
            .aggregate(
                () -> new Total(0, 0),
                (account, payment, total) -> {
                    if (--left[0] == 0) reached.countDown();
                    return new Total(total.payments() + 1, total.amount() + payment.amount());
                },
                Materialized.<String, Total, KeyValueStore<Bytes, byte[]>>as(STORE)
                    .withKeySerde(Serdes.String())
                    .withValueSerde(totalSerde()));

        var streams = Application.start(builder.build(), args);
        reached.await();
        if (args.length > 4) writeTotals(streams, Path.of(args[4]));
        Application.close(streams);
    }

    private static void writeTotals(KafkaStreams streams, Path file) throws IOException {
        var store = streams.store(
            StoreQueryParameters.fromNameAndType(STORE, QueryableStoreTypes.<String, Total>keyValueStore()));
        try (var entries = store.all(); var out = new PrintWriter(Files.newBufferedWriter(file))) {
            while (entries.hasNext()) {
                var entry = entries.next();
                out.println(entry.key + " " + entry.value.payments() + " " + entry.value.amount());
            }
        }
    }

    private static Serde<Payment> paymentSerde() {
        ObjectReader reader = new ObjectMapper().readerFor(Payment.class);
        Deserializer<Payment> deserializer = (topic, bytes) -> {
            try {
                return bytes == null ? null : reader.readValue(bytes);
            } catch (IOException exception) {
                throw new UncheckedIOException(exception);
            }
        };
        return Serdes.serdeFrom((topic, payment) -> fail(), deserializer);
    }

    /** 16 bytes: no smaller state could be asked for. */
    private static Serde<Total> totalSerde() {
        return Serdes.serdeFrom(
            (topic, total) -> ByteBuffer.allocate(16).putLong(total.payments()).putLong(total.amount()).array(),
            (topic, bytes) -> {
                if (bytes == null) return null;
                var buffer = ByteBuffer.wrap(bytes);
                return new Total(buffer.getLong(), buffer.getLong());
            });
    }

    private static byte[] fail() {
        throw new UnsupportedOperationException("payments are only read");
    }

    private AccountTotals() {}
}
