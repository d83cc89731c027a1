package dev.whetstone.leaderboard.intake;

/**
 * What may come out of an archive from a stranger.
 *
 * @param unpackedBytes of all entries together, whether they are kept or not
 * @param entries folders included
 */
public record ArchiveLimits(long unpackedBytes, int entries) {
  public static final ArchiveLimits DEFAULT = new ArchiveLimits(256L << 20, 1000);

  public ArchiveLimits {
    if (unpackedBytes < 1 || entries < 1) {
      throw new IllegalArgumentException(
          "limits must be >= 1: " + unpackedBytes + " bytes, " + entries + " entries");
    }
  }
}
