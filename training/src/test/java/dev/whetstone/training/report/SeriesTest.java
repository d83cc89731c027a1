package dev.whetstone.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.training.report.Series.Point;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeriesTest {
  private static List<Point> noise(int count) {
    var random = new Random(count);
    return IntStream.rangeClosed(1, count)
        .mapToObj(step -> new Point(step, random.nextGaussian()))
        .toList();
  }

  @Test
  void thinningKeepsEndsAndPeaksInOrder() {
    for (int count : new int[] {1, 2, 599, 600, 601, 5000, 100_000}) {
      List<Point> points = noise(count);
      List<Point> kept = Series.thinned(points, 600);
      assertThat(kept.size()).as("%d points", count).isLessThanOrEqualTo(600);
      assertThat(points).containsAll(kept);
      assertThat(kept).isSortedAccordingTo(Comparator.comparingInt(Point::step));
      assertThat(kept).doesNotHaveDuplicates();
      assertThat(kept.get(0)).isEqualTo(points.get(0));
      assertThat(kept.get(kept.size() - 1)).isEqualTo(points.get(count - 1));
      var byValue = Comparator.comparingDouble(Point::value);
      assertThat(kept)
          .contains(
              points.stream().min(byValue).orElseThrow(),
              points.stream().max(byValue).orElseThrow());
    }
  }

  @Test
  void smoothingLeavesALevelLineAndDoesNotLagBehindASlope() {
    List<Point> level = IntStream.range(0, 50).mapToObj(step -> new Point(step, 3)).toList();
    assertThat(Series.smoothed(level, 5))
        .allSatisfy(point -> assertThat(point.value()).isCloseTo(3, within(1e-12)));
    List<Point> slope = IntStream.range(0, 201).mapToObj(step -> new Point(step, step)).toList();
    assertThat(Series.smoothed(slope, 5).get(100).value()).isCloseTo(100, within(1e-6));
  }

  @Test
  void smoothingWeighsByDistance() {
    List<Point> points = noise(40);
    List<Point> smooth = Series.smoothed(points, 5);
    for (int at = 0; at < points.size(); at++) {
      double sum = 0;
      double weight = 0;
      for (int other = 0; other < points.size(); other++) {
        double one = Math.pow(0.8, Math.abs(at - other));
        sum += one * points.get(other).value();
        weight += one;
      }
      assertThat(smooth.get(at).value()).as("point %d", at).isCloseTo(sum / weight, within(1e-12));
    }
  }
}
