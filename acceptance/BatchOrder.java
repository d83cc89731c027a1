import dev.whetstone.artifacts.Json;
import dev.whetstone.training.plan.Batches;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Prints which examples each step of a run trains on, for peers that are to see the same.
 *
 * <pre>java @ARGUMENTS acceptance/BatchOrder.java EXAMPLES EXAMPLES_A_STEP SEED STEPS</pre>
 */
final class BatchOrder {
  private BatchOrder() {}

  public static void main(String... args) {
    var batches =
        new Batches(Integer.parseInt(args[0]), Integer.parseInt(args[1]), Long.parseLong(args[2]));
    List<List<Integer>> steps =
        IntStream.range(0, Integer.parseInt(args[3])).mapToObj(batches::step).toList();
    System.out.println(Json.line(steps));
  }
}
