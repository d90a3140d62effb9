import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;

public class JdbcClient {
  static void show(Object... values) {
    StringBuilder line = new StringBuilder();
    for (Object value : values) line.append(line.length() == 0 ? "" : "\t").append(value);
    System.out.println(line);
  }

  static void warnings(Statement statement) throws SQLException {
    for (SQLWarning warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning())
      show("info", warning.getMessage());
    statement.clearWarnings();
  }

  public static void main(String[] args) throws Exception {
    String database = args[2];
    try (Connection connection = DriverManager.getConnection(args[0], "sa", args[1]);
        Statement statement = connection.createStatement()) {
      try (ResultSet one = statement.executeQuery("SELECT 1")) {
        one.next();
        show("one", one.getInt(1));
      }
      try {
        statement.executeQuery("SELECT * FROM nosuch");
      } catch (SQLException error) {
        show("error", error.getErrorCode(), error.getMessage());
      }
      statement.execute("PRINT 'hello'");
      warnings(statement);
      statement.execute("CREATE DATABASE " + database);
      statement.execute("USE " + database);
      statement.execute("CREATE TABLE dbo.items (id int NOT NULL PRIMARY KEY, name nvarchar(40) NULL, price decimal(10, 2) NULL, at datetime2(3) NULL)");
      try (PreparedStatement insert = connection.prepareStatement("INSERT INTO dbo.items (id, name, price, at) VALUES (?, ?, ?, ?)")) {
        insert.setInt(1, 1);
        insert.setString(2, "größe €");
        insert.setBigDecimal(3, new BigDecimal("12.50"));
        insert.setTimestamp(4, Timestamp.valueOf("2026-04-20 21:40:13.320"));
        insert.addBatch();
        insert.setInt(1, 2);
        insert.setNull(2, Types.NVARCHAR);
        insert.setNull(3, Types.DECIMAL);
        insert.setNull(4, Types.TIMESTAMP);
        insert.addBatch();
        show("inserted", insert.executeBatch().length);
      }
      try (PreparedStatement select = connection.prepareStatement("SELECT id, name, price, at FROM dbo.items WHERE id >= ? ORDER BY id")) {
        // Executed three times: by sp_executesql, by sp_prepexec and by sp_execute.
        for (int round = 0; round < 3; round++) {
          select.setInt(1, 1);
          try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              String at = rows.getTimestamp(4) == null ? "NULL" : rows.getString(4);
              if (round == 2) show("row", rows.getInt(1) + "|" + text(rows.getString(2)) + "|" + text(rows.getString(3)) + "|" + at);
            }
          }
        }
      }
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO dbo.items (id) VALUES (3)");
      connection.rollback();
      connection.setAutoCommit(true);
      try (ResultSet count = statement.executeQuery("SELECT COUNT(*) FROM dbo.items")) {
        count.next();
        show("count", count.getInt(1));
      }
      statement.execute("BACKUP DATABASE " + database + " TO DISK = N'/var/opt/mssql/data/" + database + ".bak' WITH CHECKSUM, FORMAT");
      warnings(statement);
      while (statement.getMoreResults() || statement.getUpdateCount() != -1) warnings(statement);
      try {
        statement.execute("BACKUP DATABASE nosuch TO DISK = N'/var/opt/mssql/data/nosuch.bak'");
      } catch (SQLException error) {
        for (SQLException each = error; each != null; each = each.getNextException()) show("failed", each.getErrorCode(), each.getMessage());
      }
    }
  }

  static String text(String value) {
    return value == null ? "NULL" : value;
  }
}
