// The public Java HdrHistogram library on the other side of our files.
//
// read LOG          prints, for each interval of a .hlog, its tag, start, count, max and some percentiles
// distribution LOG  prints the .hgrm text of the sum of all intervals
// write LOG         writes a .hlog of seeded values, two tags by turns, and prints what `read` would print of it
import java.io.File;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Random;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.HdrHistogram.HistogramLogWriter;

public class HdrHistogramPeer {
  static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};
  static final long HIGHEST_NS = 60_000_000_000L;

  // Not the length: the reader cuts an interval's end to a millisecond below.
  static void print(Histogram h) {
    StringBuilder line = new StringBuilder();
    line.append(h.getTag() == null ? "-" : h.getTag());
    line.append(' ').append(h.getStartTimeStamp());
    line.append(' ').append(h.getTotalCount()).append(' ').append(h.getMaxValue());
    for (double p : PERCENTILES) line.append(' ').append(h.getValueAtPercentile(p));
    System.out.println(line);
  }

  public static void main(String[] args) throws Exception {
    Locale.setDefault(Locale.US);
    String command = args[0];
    File log = new File(args[1]);
    if (command.equals("write")) {
      write(log);
      return;
    }
    Histogram sum = new Histogram(1, HIGHEST_NS, 3);
    HistogramLogReader reader = new HistogramLogReader(log);
    for (EncodableHistogram h; (h = reader.nextIntervalHistogram()) != null;) {
      if (command.equals("read")) print((Histogram) h);
      sum.add((Histogram) h);
    }
    if (command.equals("distribution")) {
      sum.outputPercentileDistribution(System.out, 5, 1e6);
    }
  }

  static void write(File log) throws Exception {
    long start = 1_700_000_000_000L;
    Random random = new Random(1);
    try (PrintStream out = new PrintStream(log)) {
      HistogramLogWriter writer = new HistogramLogWriter(out);
      writer.outputLogFormatVersion();
      writer.outputStartTime(start);
      writer.setBaseTime(start);
      writer.outputBaseTime(start);
      writer.outputLegend();
      for (int i = 0; i < 20; ++i) {
        Histogram h = new Histogram(1, HIGHEST_NS, 3);
        for (int n = random.nextInt(2_000); n > 0; --n) {
          h.recordValue((long) Math.exp(random.nextDouble() * Math.log(HIGHEST_NS)));
        }
        if (i % 2 == 0) h.setTag("echo");
        h.setStartTimeStamp(start + 1_000L * i);
        h.setEndTimeStamp(start + 1_000L * i + 997);
        writer.outputIntervalHistogram(h);
        print(h);
      }
    }
  }
}
