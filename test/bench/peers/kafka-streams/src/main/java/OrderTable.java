import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * A topic as a KTable in RocksDB: `OrderTable BOOTSTRAP TOPIC APPLICATION STATE_DIR [ROWS]`. Reads the topic to the end that it has at
 * the start, closes, and exits. Writes the rows, a line each, into the file ROWS before it closes. The table has no index: Kafka
 * Streams has none.
 */
public final class OrderTable {
    record Order(String id, String customerId, String status, String total, String createdAt, String note) {}

    private static final String STORE = "orders";

    public static void main(String[] args) throws Exception {
        var ends = Application.endsOf(args[0], args[1]);
        var builder = new StreamsBuilder();
        builder.table(
            args[1],
            Consumed.with(Serdes.String(), orderSerde()),
            Materialized.<String, Order, KeyValueStore<Bytes, byte[]>>as(STORE)
                .withKeySerde(Serdes.String())
                .withValueSerde(orderSerde()));
        var streams = Application.start(builder.build(), args);
        while (processed(streams) < ends) Thread.sleep(20);
        if (args.length > 4) writeRows(streams, Path.of(args[4]));
        Application.close(streams);
    }

    /** Records that have passed through the application's threads. */
    private static long processed(KafkaStreams streams) {
        return (long) streams.metrics().values().stream()
            .filter(metric -> metric.metricName().group().equals("stream-thread-metrics"))
            .filter(metric -> metric.metricName().name().equals("process-total"))
            .mapToDouble(metric -> (Double) metric.metricValue())
            .sum();
    }

    private static void writeRows(KafkaStreams streams, Path file) throws IOException {
        var store = streams.store(
            StoreQueryParameters.fromNameAndType(STORE, QueryableStoreTypes.<String, Order>keyValueStore()));
        try (var entries = store.all(); var out = new PrintWriter(Files.newBufferedWriter(file))) {
            while (entries.hasNext()) {
                var order = entries.next().value;
                out.println(order.id() + " " + order.customerId() + " " + order.total() + " " + order.note());
            }
        }
    }

    private static Serde<Order> orderSerde() {
        ObjectReader reader = new ObjectMapper().readerFor(Order.class);
        ObjectWriter writer = new ObjectMapper().writerFor(Order.class);
        return Serdes.serdeFrom(
            (topic, order) -> {
                try {
                    return order == null ? null : writer.writeValueAsBytes(order);
                } catch (IOException exception) {
                    throw new UncheckedIOException(exception);
                }
            },
            (topic, bytes) -> {
                try {
                    return bytes == null ? null : reader.readValue(bytes);
                } catch (IOException exception) {
                    throw new UncheckedIOException(exception);
                }
            });
    }

    private OrderTable() {}
}
