import sys
import mssql_python

host, port, password, database = sys.argv[1:5]


def show(key, *values):
    print(key, *values, sep="\t", flush=True)


def text(value):
    if value is None:
        return "NULL"
    return value.isoformat(" ", "milliseconds") if hasattr(value, "isoformat") else str(value)


connection = mssql_python.connect(
    f"Server={host},{port};Database=master;UID=sa;PWD={{{password}}};Encrypt=yes;TrustServerCertificate=yes",
    autocommit=True,
)
cursor = connection.cursor()


def messages():
    for _, message in cursor.messages:
        show("info", message)


cursor.execute("SELECT 1")
show("one", cursor.fetchone()[0])
try:
    cursor.execute("SELECT * FROM nosuch")
except mssql_python.Error as error:
    show("error", str(error))
cursor.execute("PRINT 'hello'")
messages()
cursor.execute(f"CREATE DATABASE {database}")
cursor.execute(f"USE {database}")
cursor.execute("CREATE TABLE dbo.items (id int NOT NULL PRIMARY KEY, name nvarchar(40) NULL, price decimal(10, 2) NULL, at datetime2(3) NULL)")
cursor.execute("INSERT INTO dbo.items (id, name, price, at) VALUES (?, ?, ?, ?)", (1, "größe €", "12.50", "2026-04-20T21:40:13.320"))
cursor.execute("INSERT INTO dbo.items (id, name, price, at) VALUES (?, ?, ?, ?)", (2, None, None, None))
cursor.execute("SELECT id, name, price, at FROM dbo.items ORDER BY id")
for row in cursor.fetchall():
    show("row", "|".join(text(value) for value in row))
connection.autocommit = False
cursor.execute("INSERT INTO dbo.items (id) VALUES (3)")
connection.rollback()
connection.autocommit = True
cursor.execute("SELECT COUNT(*) FROM dbo.items")
show("count", cursor.fetchone()[0])
cursor.execute(f"BACKUP DATABASE {database} TO DISK = N'/var/opt/mssql/data/{database}.bak' WITH CHECKSUM, FORMAT")
messages()
while cursor.nextset():
    messages()
try:
    cursor.execute("BACKUP DATABASE nosuch TO DISK = N'/var/opt/mssql/data/nosuch.bak'")
except mssql_python.Error as error:
    show("failed", str(error))
connection.close()
