import dev.whetstone.datasets.quality.QualityModel;
import dev.whetstone.datasets.quality.dl4j.Dl4j;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Rows per second of one thread, features and network together: short rows, 40 words asked and 60 answered. */
public final class QualitySpeed {
  private static final int ROWS = 20_000;
  private static final int BATCH = 256;
  private static final int ROUNDS = 6;

  public static void main(String[] args) {
    QualityModel model = QualityModel.open(Path.of(args[0]));
    var random = new Random(1);
    List<Conversation> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      rows.add(
          Conversation.of(
              "r" + i,
              List.of(Message.of("user", words(random, 40)), Message.of("assistant", words(random, 60))),
              ""));
    }
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      for (int at = 0; at < ROWS; at += BATCH) {
        model.scores(rows.subList(at, Math.min(ROWS, at + BATCH)), Dl4j.ENGINE::scorer);
      }
      best = Math.max(best, ROWS / ((System.nanoTime() - start) / 1e9));
    }
    System.out.println(Math.round(best));
  }

  private static String words(Random random, int n) {
    var text = new StringBuilder();
    for (int i = 0; i < n; i++) {
      text.append(Integer.toString(random.nextInt(20_000), 36)).append(i % 9 == 8 ? ". " : " ");
    }
    return text.toString();
  }
}
