package dev.whetstone.datasets.job.source;

import dev.whetstone.datasets.read.RowFormat;
import org.apache.hadoop.fs.FileStatus;

/** A file and how it is to be read. */
record FoundFile(FileStatus status, FileFormat format, Compression compression, RowFormat rows) {}
