import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends the records of a file with Kafka's own producer, each with its key, headers and partition, as
 * one who uses it writes that; prints the nanoseconds from the first record to the last answer.
 *
 * <p>Arguments: file, topic, records sent before the clock runs, settings of the producer as NAME=VALUE.
 */
public final class SendRecords {
  private record Header(String name, byte[] value) {}

  private record Message(int partition, byte[] key, List<Header> headers, byte[] value) {}

  public static void main(String[] args) throws Exception {
    List<Message> messages = read(args[0]);
    String topic = args[1];
    int warmUp = Integer.parseInt(args[2]);
    Properties settings = new Properties();
    for (String setting : Arrays.asList(args).subList(3, args.length)) {
      int equals = setting.indexOf('=');
      settings.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    ByteArraySerializer bytes = new ByteArraySerializer();
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes)) {
      for (int sent = 0; sent < warmUp; sent++) {
        send(producer, topic, messages.get(sent % messages.size()));
      }
      producer.flush();
      long startNs = System.nanoTime();
      for (Message message : messages) send(producer, topic, message);
      producer.flush();
      System.out.println("ns " + (System.nanoTime() - startNs));
    }
  }

  private static void send(
      KafkaProducer<byte[], byte[]> producer, String topic, Message message) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, message.partition, message.key, message.value);
    Headers headers = record.headers();
    for (Header header : message.headers) headers.add(header.name, header.value);
    producer.send(record, SendRecords::onAnswer);
  }

  private static void onAnswer(Object metadata, Exception error) {
    if (error == null) return;
    System.err.println(error);
    System.exit(1);
  }

  private static List<Message> read(String path) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(new FileInputStream(path), 1 << 20))) {
      int count = in.readInt();
      List<Message> messages = new ArrayList<>(count);
      List<Header> before = List.of();
      for (int index = 0; index < count; index++) {
        int partition = in.readInt();
        byte[] key = bytes(in);
        List<Header> headers = headers(in, before);
        messages.add(new Message(partition, key, headers, bytes(in)));
        before = headers;
      }
      return messages;
    }
  }

  /** The same objects as of the record before where they say the same: a program has them as constants. */
  private static List<Header> headers(DataInputStream in, List<Header> before) throws IOException {
    List<Header> headers = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      String name = new String(bytes(in), StandardCharsets.UTF_8);
      headers.add(new Header(name, bytes(in)));
    }
    boolean isSame = headers.size() == before.size();
    for (int index = 0; isSame && index < headers.size(); index++) {
      isSame =
          headers.get(index).name.equals(before.get(index).name)
              && Arrays.equals(headers.get(index).value, before.get(index).value);
    }
    return isSame ? before : headers;
  }

  private static byte[] bytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    return length < 0 ? null : in.readNBytes(length);
  }
}
