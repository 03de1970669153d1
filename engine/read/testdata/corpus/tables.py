"""The folders of the corpus that hold tables. make.py runs this."""
import datetime

import openpyxl
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904

CODE1, CODE2, CODE3 = "914403001922038216", "91420100MA4KX12325", "91999904MAL96J42X6"
FIXED = datetime.datetime(2024, 1, 1)


def make(folder, write):
    def texts(name, contents, encoding="utf-8"):
        path = folder(name)
        if path:
            for key, value in contents.items():
                write(path, key, value, encoding if key.endswith("csv") else "utf-8")

    csvs(texts)
    values(texts)
    units(texts)
    mappings(texts)
    workbooks(folder, write)


def csvs(texts):
    rows = "信用代码,年度,税收（万元）,企业名称\n%s,2024,12.5,深圳甲厂\n%s,2023,7,武汉乙厂\n" % (CODE1, CODE2)
    texts("csv-utf-8", {"tax.csv": rows})
    texts("csv-utf-8-with-bom", {"tax.csv": "\ufeff" + rows})
    texts("csv-gb18030-found-out", {"tax.csv": rows.replace("乙厂", "㐂厂𠮷")}, "gb18030")
    texts("csv-gb18030-declared-in-mapping", {"tax.csv": rows, "mapping.yaml": "version: 1\ntables:\n  tax:\n    from: {file: tax.csv, encoding: GB18030, year: 2024}\n    ignore: [年度]\n"}, "gb18030")
    texts("csv-gbk-whose-bytes-are-utf-8-too", {"tax.csv": ("credit_code,year,tax,name\n%s,2024,1," % CODE1).encode() + "联通".encode("gbk") + b"\n",
          "mapping.yaml": "version: 1\ntables:\n  tax:\n    from: {file: tax.csv, encoding: GBK}\n"})
    texts("csv-big5-declared-in-mapping", {
        "tax.csv": "信用代碼,年度,稅收（萬元）,企業名稱\n%s,2024,12.5,東湖開發區\n" % CODE1,
        "mapping.yaml": "version: 1\ntables:\n  tax:\n    from: {file: tax.csv, encoding: Big5}\n"
        "    columns: {credit_code: 信用代碼, tax: {header: 稅收（萬元）, unit: wan_yuan}, name: 企業名稱}\n"}, "big5")
    texts("csv-utf-16-declared-in-mapping", {"tax.csv": rows, "mapping.yaml": "version: 1\ntables:\n  tax:\n    from: {file: tax.csv, encoding: UTF-16}\n"}, "utf-16-le")
    texts("csv-utf-8-declared-and-gbk", {"tax.csv": ("credit_code,year,tax,name\n%s,2024,1,甲\n%s,2024,1,abc\n" % (CODE1, CODE2)),
          "mapping.yaml": "version: 1\ntables:\n  tax:\n    from: {file: tax.csv, encoding: utf-8}\n"}, "gb18030")
    texts("csv-utf-16-with-bom", {"tax.csv": rows.replace(",", "\t")}, "utf-16")
    texts("csv-utf-16-without-bom", {"tax.csv": rows}, "utf-16-le")
    texts("csv-gb18030-with-broken-bytes", {"tax.csv": rows.encode("gb18030").replace("乙".encode("gb18030"), b"\xff\xff")})
    texts("csv-crlf", {"tax.csv": rows.replace("\n", "\r\n")})
    texts("csv-cr-alone", {"tax.csv": rows.replace("\n", "\r")})
    texts("csv-quotes", {"tax.csv": "\"信用代码\",\"年度\",\"税收（万元）\",\"企业名称\"\n\"%s\",\"2024\",\"1,234.56\",\"甲\"\"乙\"\",\n丙\"\n%s,2024,1,\"丁\"\n" % (CODE1, CODE2)})
    texts("csv-quote-that-does-not-end", {"tax.csv": rows + "%s,2022,1,\"丁\n" % CODE3})
    texts("csv-semicolons", {"tax.csv": rows.replace(",", ";")})
    texts("csv-tabs-named-csv", {"tax.csv": rows.replace(",", "\t")})
    texts("csv-tabs-named-tsv", {"tax.tsv": rows.replace(",", "\t")})
    texts("csv-bars-declared-in-mapping", {"tax.csv": rows.replace(",", "|"), "mapping.yaml": "version: 1\ntables:\n  tax:\n    from: {file: tax.csv, delimiter: \"|\"}\n"})
    texts("csv-short-and-long-rows", {"tax.csv": rows + "%s,2024\n%s,2022,1,甲,多\n%s,2021,1,甲,\n\n" % (CODE3, CODE3, CODE3)})
    texts("csv-empty", {"tax.csv": ""})
    texts("csv-head-alone", {"tax.csv": rows.split("\n")[0] + "\n"})
    texts("csv-head-twice", {"tax.csv": "信用代码,年度,税收（万元）,实缴税金（万元）\n%s,2024,1,2\n" % CODE1})
    texts("csv-head-missing-a-column", {"tax.csv": "企业名称,年度,税收（万元）\n甲,2024,1\n"})
    texts("csv-year-in-the-files-name", {"tax_2023.csv": "信用代码,税收（万元）\n%s,1\n" % CODE1, "税收_2024.csv": "信用代码,税收（元）\n%s,20000\n" % CODE1})
    texts("csv-table-twice", {"tax.csv": rows, "税收.csv": rows})
    texts("csv-files-nobody-reads", {"tax.csv": rows, "说明.txt": "x\n", "附件.pdf": "x", "README.md": "x\n", "~$tax.xlsx": "x", "员工.csv": "a\n1\n"})


def values(texts):
    written = ["1234.56", "\"1,234.56\"", "\"1,23\"", "１２３４．５６", "\"１，２３４\"", "\"（1,200）\"", "(1200)", "3.2亿元", "3.2 亿元", "5万", "5000元", "12亩", "1.2E3", "−7", "－7", "-7", "+7",
               "—", "——", "-", "--", "/", "／", "无", "N/A", "#N/A", "NULL", "", "　", "0", "暂无", "约三万", "12.5%", "#REF!", "######", "#DIV/0!", "1.234.5", "1e400", "12 345", "Inf", "NaN"]
    texts("values-numbers", {"tax.csv": "credit_code,year,tax\n" + "".join("E%02d,2024,%s\n" % (i + 1, v) for i, v in enumerate(written))})
    dates = ["2023-06-30", "2023/6/30", "2023.6.30", "2023.06.30", "2023年6月30日", "２０２３年６月３０日", "20230630", "2023-06-30 00:00:00", "2023-06-30T08:00:00", "2023年6月30号", "2023年6月", "2023-06", "202306", "2023年", "2023", "2023.6",
             "1901年01月02日", "1901-01-01", "1900-01-01", "9999-12-31", "2023-02-29", "20231301", "30/6/2023", "6/30/2023", "45107", "二〇二三年六月", "23.6.30", "2023-6-", "—"]
    rows = "credit_code,name,registered_on\n" + "".join("E%02d,甲,%s\n" % (i + 1, v) for i, v in enumerate(dates))
    texts("values-dates", {"enterprises.csv": rows})
    texts("values-dates-with-sentinels", {"enterprises.csv": rows, "mapping.yaml": "version: 1\nsentinel_dates: [1901-01-02, 1901-01-01, 1900-01-01, 9999-12-31]\n"})
    texts("values-dates-without-a-day", {"enterprises.csv": "credit_code,name,投产,registered_on\nA,甲,2023年6月,2023-06-30\nB,乙,2024年2月,\nC,丙,2024年13月,\nD,丁,2024-02-03,\n",
          "mapping.yaml": "version: 1\ntables:\n  enterprises:\n    columns: {production_on: {header: 投产, format: \"%Y年%m月\", day: last}}\n"})
    texts("values-null-words", {"tax.csv": "credit_code,year,tax,vat,name\nA,2024,暂无,-9999,暂无\nB,2024,未报,1,—\nC,2024,1,未报,/\n",
          "mapping.yaml": "version: 1\nnull_words: [暂无, \"-9999\"]\ntables:\n  tax:\n    columns: {tax: {header: tax, null_words: [未报]}}\n"})
    texts("values-codes-that-became-numbers", {"tax.csv": "credit_code,year,tax\n9.133E+17,2024,1\n9.14403E+17,2024,1\n9.14403001922038E+17,2024,2\n914403001922038000,2024,3\n%s,2024,4\n91E3,2024,5\n" % CODE1})
    texts("values-codes-that-lost-zeros", {"enterprises.csv": "credit_code,name,industry\nA,甲,131\nB,乙,0131\nC,丙,13\nD,丁,C131\n"})
    texts("values-codes-that-lost-zeros-repaired-by-mapping", {"enterprises.csv": "credit_code,name,industry\nA,甲,131\nB,乙,0131\nC,丙,13\nD,丁,C131\n",
          "mapping.yaml": "version: 1\ntables:\n  enterprises:\n    columns: {industry: {header: industry, pad_zeros: 4}}\n"})
    texts("values-answers", {"enterprises.csv": "credit_code,name,high_tech\n" + "".join("E%02d,甲,%s\n" % (i + 1, v) for i, v in enumerate(["是", "否", "TRUE", "false", "1", "0", "Y", "n", "√", "×", "有", "没有", "无", "也许", ""]))})
    texts("values-words-that-must-be-known", {"tenancies.csv": "credit_code,parcel_code,kind,area\nA,P,owned,1\nA,Q,自有,1\nA,R,,1\n"})
    texts("values-words-translated-by-mapping", {"tenancies.csv": "credit_code,parcel_code,kind,area\nA,P,owned,1\nA,Q,自有,1\nA,R,,1\n",
          "mapping.yaml": "version: 1\ntables:\n  tenancies:\n    columns: {kind: {header: kind, values: {自有: owned}, empty: occupied}}\n"})
    texts("values-codes-in-full-width-and-small-letters", {"tax.csv": "credit_code,year,tax\n９１４２０１００ｍａ4kx12325,2024,1\n 91420100ma4kx12325\u3000,2023,1\n91420100\u200bMA4KX12325,2022,1\n"})
    texts("values-too-large", {"tax.csv": "credit_code,year,税收（亿元）\nA,2024,90000\nB,2024,90001\n"})
    texts("values-years", {"tax.csv": "credit_code,year,tax\n" + "".join("E%d,%s,1\n" % (i, y) for i, y in enumerate(["2024", "2024年", "２０２４", "2024.0", "2,024", "24", "20240", "二〇二四", "2024.5", ""]))})


def units(texts):
    texts("units-in-brackets", {
        "tenancies.csv": "信用代码,宗地代码,用地方式,用地面积（亩）,建筑面积(㎡)\n%s,P,owned,1.5,100\n" % CODE1,
        "energy.csv": "信用代码,年度,综合能耗（吨标准煤）,用电量(万千瓦时),用水量（万立方米）,用气量[万m³],煤炭（吨）\n%s,2024,1.5,2,3,4,5\n" % CODE1,
        "output.csv": "信用代码,年度,总产值（亿元）,销售收入（元）,利润总额【万元】,增加值（千元）\n%s,2024,1.5,15000,2,3\n" % CODE1})
    texts("units-in-another-bracket-than-the-last", {"tax.csv": "信用代码,年度,税收（2024年）（万元）,增值税（万元）（2024年）\n%s,2024,1,2\n" % CODE1})
    texts("units-that-do-not-measure-the-column", {"tax.csv": "信用代码,年度,税收（亩）\n%s,2024,1\n" % CODE1})
    texts("units-that-are-not-known", {"tax.csv": "信用代码,年度,税收（百万）\n%s,2024,1\n" % CODE1})
    texts("units-of-money", {"tax.csv": "信用代码,年度,税收（万元）,增值税（元）,企业所得税（亿元）,印花税(wan_yuan)\n%s,2024,1.5,15000,0.00015,1.5\n" % CODE1})
    texts("units-of-areas", {"tenancies.csv": "信用代码,宗地代码,用地方式,用地面积（公顷）,建筑面积（万平方米）\n%s,P,owned,1.5,2\n" % CODE1})
    texts("units-missing-where-one-is-needed", {"tax.csv": "信用代码,年度,税收\n%s,2024,1\n" % CODE1})
    texts("units-missing-and-in-every-cell", {"tax.csv": "信用代码,年度,税收\n%s,2024,120000元\n%s,2024,3.2亿元\n" % (CODE1, CODE2)})
    texts("units-missing-and-given-by-mapping", {"tax.csv": "信用代码,年度,税收\n%s,2024,120000\n" % CODE1,
          "mapping.yaml": "version: 1\ntables:\n  tax:\n    columns: {tax: {header: 税收, unit: yuan}}\n"})
    texts("units-missing-in-mapping-too", {"tax.csv": "信用代码,年度,税额\n%s,2024,120000\n" % CODE1,
          "mapping.yaml": "version: 1\ntables:\n  tax:\n    columns: {tax: {header: 税额}}\n"})
    texts("units-of-the-tables-own-names", {"tax.csv": "credit_code,year,tax\n%s,2024,12\n" % CODE1})

    def year(times, head="credit_code,sales", n=9):
        return head + "\n" + "".join("E%d,%d\n" % (i, (100 + 7 * i) * times) for i in range(n))
    texts("units-median-10000-times-last-years", {"output_2023.csv": year(1), "output_2024.csv": year(10000)})
    texts("units-median-10000-times-last-years-in-one-file", {"output.csv": "credit_code,year,sales\n" + "".join(
        "E%d,%d,%d\n" % (i, y, (100 + 7 * i) * t) for y, t in ((2023, 1), (2024, 10000)) for i in range(9))})
    texts("units-median-1000-times-last-years", {"output_2023.csv": year(1), "output_2024.csv": year(1000)})
    texts("units-median-of-few-rows", {"output_2023.csv": year(1, n=4), "output_2024.csv": year(10000, n=4)})
    head = "credit_code,parcel_code,kind,area\n"
    texts("units-median-666-times-the-other-files", {
        "甲.csv": head + "".join("E%d,P%d,owned,%d\n" % (i, i, 6000 + 700 * i) for i in range(9)),
        "乙.csv": head + "".join("F%d,Q%d,owned,%.3f\n" % (i, i, (6000 + 700 * i) * 3 / 2000) for i in range(9)),
        "mapping.yaml": "version: 1\ntables:\n  tenancies: {from: [甲.csv, 乙.csv]}\n"})


def mappings(texts):
    texts("mapping-rename-unit-and-constant", {"来文.csv": "企业,代码,金额\n甲,%s,120000\n" % CODE1,
          "mapping.yaml": "version: 1\ntables:\n  tax:\n    from: 来文.csv\n    columns:\n      credit_code: 代码\n      name: 企业\n      year: {value: 2024}\n      tax: {header: 金额, unit: yuan}\n      refund: {value: \"5000\", unit: yuan}\n"})
    texts("mapping-header-row-and-delimiter", {"tax.csv": "某县税务局;;\n单位：万元;;\n代码;年度;tax\n%s;2024;1\n" % CODE1,
          "mapping.yaml": "version: 1\ntables:\n  tax:\n    from: {file: tax.csv, header_at: 3, delimiter: \";\"}\n    columns: {credit_code: 代码}\n"})
    texts("mapping-filters", {"tax.csv": "credit_code,year,tax,状态,类\nA,2024,1,正常,甲\nB,2024,x,注销,甲\nC,2024,2,,乙\nD,2024,3,正常,丙\nE,2024,y,正常,乙\n,2024,5,正常,甲\n",
          "mapping.yaml": "version: 1\ntables:\n  tax:\n    where:\n      - {header: 状态, not: 注销}\n      - {header: 类, in: [甲, 乙]}\n      - {header: credit_code, present: true}\n    ignore: [类]\n"})
    texts("mapping-code-tables", {"码.csv": "码,类,名\n1,工业,工业用地\n020,农田,田\n", "mapping.yaml":
          "version: 1\ncode_tables:\n  - {standard: 本县-2013, inline: {\"1\": industry, \"2\": {mix_class: other, mix_class_wide: public}}}\n"
          "  - {standard: 本县-2009, file: 码.csv, columns: {code: {header: 码, pad_zeros: 3}, mix_class: {header: 类, values: {工业: industry}, otherwise: other}, name_zh: 名}}\n"})
    join = ("version: 1\ntables:\n  output:\n    from: 企业.csv\n    columns: {credit_code: 代码, year: {value: 2024}}\n    join:\n      - file: 明细.csv\n        on: {企业代码: 代码}\n        columns:\n"
            "          output: {header: 产值（元）, take: sum}\n          sales: {header: 产值（元）, take: max}\n          value_added: {header: 产值（元）, take: min}\n"
            "          rd: {header: 研发, unit: wan_yuan, take: mode}\n          employees: {header: 人, take: count}\n          name: {header: 名, take: first}\n")
    texts("mapping-join-sum-max-min-first-mode-count", {"企业.csv": "代码\nA\nB\nC\n", "明细.csv": "企业代码,产值（元）,研发,人,名\nA,1000,3,x,乙\nA,2000,3.0,,甲\nA,,7,y,丙\nB,3.2亿元,—,无,\nZ,5,5,x,丁\n,7,7,x,戊\n",
          "mapping.yaml": join})
    texts("mapping-join-with-a-cell-that-is-no-number", {"企业.csv": "代码\nA\nB\n", "明细.csv": "企业代码,产值（元）,研发,人,名\nA,约三万,3,x,乙\nB,1000,1,x,甲\n", "mapping.yaml": join})
    texts("mapping-join-with-rows-that-are-too-short", {"企业.csv": "代码\nA\nB\n", "明细.csv": "企业代码,产值（元）,研发,人,名\nA,1000\nB,1000,1,x,甲\n", "mapping.yaml": join})
    texts("mapping-join-distinct", {"企业.csv": "代码\nA\n", "明细.csv": "企业代码,产值（元）,研发,人,名,房\nA,1000,3,x,甲,1\nA,1000,3,x,甲,1\nA,1000,3,x,甲,2\n",
          "mapping.yaml": join.replace("        columns:\n", "        distinct_by: [房]\n        columns:\n")})
    texts("mapping-table-from-another-folder", {"来文/2024/税.csv": "代码,金额（元）\n%s,120000\n" % CODE1,
          "mapping.yaml": "version: 1\ntables:\n  tax:\n    from: [{file: 来文/2024/税.csv, year: 2024}, {file: ../_elsewhere/税_2023.csv, year: 2023}]\n    columns: {credit_code: 代码, tax: 金额（元）}\n"})
    texts("_elsewhere", {"税_2023.csv": "代码,金额（元）\n%s,90000\n" % CODE2})
    texts("mapping-several-files-by-a-pattern", {"来文/税_2023.csv": "代码,税（万元）\nA,1\n", "来文/税_2024.csv": "代码,税（万元）\nA,2\nB,3\n", "来文/~$税_2024.csv": "x", "补.csv": "代码,税额,期\nC,40000,2022\n",
          "mapping.yaml": "version: 1\ntables:\n  tax:\n    from:\n      - 来文/税_*.csv\n      - {file: 补.csv, columns: {tax: {header: 税额, unit: yuan}, year: 期}}\n    columns: {credit_code: 代码, tax: 税（万元）}\n"})
    texts("mapping-file-named-twice", {"tax.csv": "credit_code,year\nA,2024\n", "mapping.yaml": "version: 1\ntables:\n  tax:\n    from: [tax.csv, \"*.csv\"]\n"})
    texts("mapping-file-that-is-not-there", {"mapping.yaml": "version: 1\ntables:\n  tax:\n    from: 没有.csv\n"})
    texts("mapping-file-of-a-format-that-is-not-read", {"税.xls": "x", "mapping.yaml": "version: 1\ntables:\n  tax:\n    from: 税.xls\n"})
    texts("mapping-misspelt-keys", {"tax.csv": "credit_code,year,tax\nA,2024,1\n",
          "mapping.yaml": "version: 1\nnull_word: [x]\ntables:\n  tax:\n    form: tax.csv\n    columns:\n      taxx: 税\n      tax: {haeder: tax}\n      year: {header: year, unti: x}\n  taxes: {}\n"})
    texts("mapping-that-is-no-yaml", {"tax.csv": "credit_code,year,tax\nA,2024,1\n", "mapping.yaml": "version: 1\ntables: [unclosed\n  tax:\n"})
    texts("mapping-header-that-the-file-has-not", {"tax.csv": "credit_code,year,tax\nA,2024,1\n", "mapping.yaml": "version: 1\ntables:\n  tax:\n    columns:\n      vat: {headers: [增值税（元）, 增值税额（元）]}\n"})
    texts("mapping-header-that-only-some-files-have", {"tax_2023.csv": "credit_code,tax\nA,1\n", "tax_2024.csv": "credit_code,tax,税（元）\nA,1,20000\n",
          "mapping.yaml": "version: 1\ntables:\n  tax:\n    columns:\n      vat: {header: 税（元）, optional: true}\n"})
    texts("mapping-unit-that-does-not-measure", {"tax.csv": "credit_code,year,tax\nA,2024,1\n", "mapping.yaml": "version: 1\ntables:\n  tax:\n    columns: {tax: {header: tax, unit: mu}, vat: {header: vat, unit: yuann}}\n"})


def book(folder, write, name, sheets, file="tax.xlsx", mapping=None, change=None, epoch=None):
    path = folder(name)
    if not path:
        return
    b = openpyxl.Workbook()
    b.properties.created = b.properties.modified = FIXED
    if epoch:
        b.epoch = epoch
    for i, (title, rows) in enumerate(sheets):
        s = b.active if i == 0 else b.create_sheet()
        s.title = title
        for row in rows:
            s.append(row)
    if change:
        change(b)
    b.save(path + "/" + file)
    if mapping:
        write(path, "mapping.yaml", mapping)


HEAD = ["统一社会信用代码", "企业名称", "年度", "税收（万元）"]
ROWS = [[CODE1, "深圳甲厂", 2024, 12.5], [CODE2, "武汉乙厂", 2024, 7]]


def workbooks(folder, write):
    def make(name, sheets, **more):
        book(folder, write, name, sheets, **more)

    make("xlsx-plain", [("Sheet1", [HEAD] + ROWS)])
    make("xlsx-title-rows-above", [("Sheet1", [["某县2024年度税收情况表"], ["填报单位：某县税务局", None, None, "单位：万元"], [], HEAD] + ROWS)],
         change=lambda b: b.active.merge_cells("A1:D1"))
    make("xlsx-sheet-by-its-tables-name", [("封面", [["某县"]]), ("税收", [HEAD] + ROWS), ("说明", [["注：x"]])], file="某县2024.xlsx")
    make("xlsx-sheet-named-in-mapping", [("上报稿", [HEAD, [CODE1, "旧", 2024, 1]]), ("终稿", [HEAD] + ROWS)],
         mapping="version: 1\ntables:\n  tax:\n    from: {file: tax.xlsx, sheet: 终稿}\n")
    make("xlsx-sheets-of-which-two-have-tables", [("上报稿", [HEAD] + ROWS), ("终稿", [HEAD] + ROWS)])
    make("xlsx-sheet-hidden", [("税收", [HEAD] + ROWS), ("旧", [HEAD, [CODE3, "旧", 2024, 1]])], change=lambda b: setattr(b["旧"], "sheet_state", "hidden"))

    def two(b):
        for cells in "A1:A2", "B1:B2", "C1:C2", "D1:E1":
            b.active.merge_cells(cells)
    rows2 = [["统一社会信用代码", "企业名称", "年度", "税收", None], [None, None, None, "亩均（万元/亩）", "合计（万元）"], [CODE1, "甲", 2024, 3.1, 12.5], [CODE2, "乙", 2024, 2.5, 7]]
    make("xlsx-head-of-two-rows-merged", [("Sheet1", [["税收情况表"]] + rows2)], change=lambda b: [b.active.merge_cells(c) for c in ("A1:E1", "A2:A3", "B2:B3", "C2:C3", "D2:E2")])
    make("xlsx-head-of-two-rows-by-mapping", [("Sheet1", rows2)], change=two,
         mapping="version: 1\ntables:\n  tax:\n    columns:\n      tax: 税收 > 合计（万元）\n    ignore: [税收 > 亩均（万元/亩）]\n")
    rows3 = [["单位情况", None, "年度", "税收", None, None], ["代码", "名称", None, "入库", None, "退税"], [None, None, None, "增值税（元）", "所得税（元）", "（元）"], [CODE1, "甲", 2024, 10000, 20000, 30000], [CODE2, "乙", 2024, 40000, 50000, 0]]
    make("xlsx-head-of-three-rows-by-mapping", [("Sheet1", rows3)],
         change=lambda b: [b.active.merge_cells(c) for c in ("A1:B1", "A2:A3", "B2:B3", "C1:C3", "D1:F1", "D2:E2")],
         mapping="version: 1\ntables:\n  tax:\n    from: {file: tax.xlsx, header_at: 1, header_rows: 3}\n    columns:\n      credit_code: 单位情况 > 代码\n      name: 单位情况 > 名称\n"
                 "      vat: 税收 > 入库 > 增值税（元）\n      income: 税收 > 入库 > 所得税（元）\n      refund: {header: 税收 > 退税 > （元）, unit: yuan}\n")
    make("xlsx-head-of-three-rows-found", [("Sheet1", [["基本情况", None, None, "税收", None, None], ["统一社会信用代码", "企业名称", "年度", "分税种", None, "退税额（元）"], [None, None, None, "增值税（元）", "企业所得税（元）", None],
         [CODE1, "甲", 2024, 10000, 20000, 30000], [CODE2, "乙", 2024, 40000, 50000, 0]])],
         change=lambda b: [b.active.merge_cells(c) for c in ("A1:C1", "A2:A3", "B2:B3", "C2:C3", "D1:F1", "D2:E2", "F2:F3")])
    make("xlsx-row-of-units-below-the-head", [("Sheet1", [["统一社会信用代码", "企业名称", "年度", "税收", "增值税"], [None, None, None, "万元", "元"], [CODE1, "甲", 2024, 12.5, 70000]])])
    make("xlsx-totals-notes-and-serial-numbers", [("Sheet1", [["序号"] + HEAD, [1, *ROWS[0]], [2, *ROWS[1]], [None, "小计", None, None, 19.5], [None, "二、规下企业"], [3, CODE3, "合计机械厂", 2024, 1], [4], [5], ["合计", None, None, None, 20.5],
         ["注：1. 税收为入库数。"], ["2. 不含关税。"], ["填表人：张三", None, "审核人：李四"]])])
    make("xlsx-columns-numbered-and-head-repeated", [("Sheet1", [HEAD, [1, 2, 3, 4], ROWS[0], HEAD, ROWS[1]])])

    def hide(b):
        b.active.row_dimensions[3].hidden = True
        b.active.column_dimensions["D"].hidden = True
    make("xlsx-hidden-rows-and-columns", [("Sheet1", [HEAD] + ROWS)], change=hide)
    dated = [["统一社会信用代码", "企业名称", "注册日期", "投产日期"], [CODE1, "甲", datetime.date(2023, 6, 30), 45107], [CODE2, "乙", "2023.6.30", "1901年01月02日"], [CODE3, "丙", datetime.datetime(1900, 3, 1), datetime.datetime(2023, 6, 30, 18, 30)],
             ["E4", "丁", "2023年6月", 60], ["E5", "戊", datetime.date(1904, 1, 2), 20230630]]

    def formats(b):
        for row in b.active.iter_rows(min_row=2):
            for c in row[2:]:
                if not isinstance(c.value, str) and c.value != 20230630:
                    c.number_format = "yyyy-mm-dd"
    make("xlsx-dates-since-1900", [("Sheet1", dated)], file="enterprises.xlsx", change=formats)
    make("xlsx-dates-since-1904", [("Sheet1", dated)], file="enterprises.xlsx", change=formats, epoch=CALENDAR_MAC_1904)
    make("xlsx-dates-as-plain-numbers", [("Sheet1", [["统一社会信用代码", "企业名称", "注册日期"], [CODE1, "甲", 45107]])], file="enterprises.xlsx")

    def merged(b):
        b.active.merge_cells("A2:A3")
    make("xlsx-cells-merged-downwards", [("Sheet1", [HEAD, ROWS[0], [None, "深圳甲厂", 2023, 3], ROWS[1]])], change=merged)
    make("xlsx-formulas", [("Sheet1", [HEAD, [CODE1, "甲", 2024, "=1+1"], [CODE2, "乙", 2024, "=1/0"], [CODE3, "丙", 2024, 3]])])
    make("xlsx-codes-as-numbers", [("Sheet1", [HEAD, [914403001922038216, "甲", 2024, 1], ["9.133E+17", "乙", 2024, 1], [CODE2, "丙", 2024, 1]])])
    make("xlsx-codes-as-numbers-repaired-by-mapping", [("Sheet1", [["credit_code", "name", "industry"], [CODE1, "甲", 131], [CODE2, "乙", "0131"], [CODE3, "丙", "2011"]])], file="enterprises.xlsx",
         mapping="version: 1\ntables:\n  enterprises:\n    columns: {industry: {header: industry, pad_zeros: 4}}\n")

    def percent(b):
        for row in b.active.iter_rows(min_row=2):
            row[3].number_format = "0.0%"
    make("xlsx-percentages", [("Sheet1", [["zone_code", "period", "indicator", "value", "unit"], ["CITY", "2024", "x", 0.125, "ratio"], ["CITY", "2023", "x", 0.5, "%"]])], file="zone_indicators.xlsx", change=percent)
    make("xlsx-values-as-text", [("Sheet1", [HEAD, [" " + CODE1 + "　", "甲", "2024年", "1,234.56"], [CODE2, "乙", 2024, "（1,200）"], [CODE3, "丙", 2024, "3.2亿元"], ["E4", "丁", 2024, "#N/A"], ["E5", "戊", 2024, "—"], ["E6", "己", 2024, "约三万"]])])
    make("xlsx-cells-beside-the-table", [("Sheet1", [HEAD, ROWS[0] + [None, "核对"], ROWS[1]])])
    make("xlsx-without-a-head", [("Sheet1", [["x", "y"], [1, 2]])])
    make("xlsx-empty", [("Sheet1", [])])
    make("xlsx-through-mapping", [("说明", [["x"]]), ("2024", [["表3"], ["代码", "企业", "金额", "状态", "成立"], [CODE1, "甲", 120000, "在营", datetime.date(2020, 1, 2)], [CODE2, "乙", "暂无", "在营", datetime.date(1901, 1, 1)], [CODE3, "丙", 5, "注销", None], ["合计", None, 120005]])],
         file="来文.xlsx", mapping="version: 1\nnull_words: [暂无]\ntables:\n  tax:\n    from: {file: 来文.xlsx, sheet: \"2024\", header_at: 2, year: 2024}\n    columns: {credit_code: 代码, name: 企业, tax: {header: 金额, unit: yuan}}\n    where: [{header: 状态, equals: 在营}]\n    ignore: [成立]\n"
         "    join: [{file: 来文.xlsx, sheet: \"2024\", header_at: 2, on: 代码, columns: {vat: {header: 金额, unit: yuan, take: max}}}]\n")
    for ending in "xls", "et":
        if p := folder("xls-" + ending + "-is-refused"):
            old = xlwt.Workbook()
            s = old.add_sheet("Sheet1")
            for c, h in enumerate(HEAD):
                s.write(0, c, h)
            old.save(p + "/tax." + ending)
    if p := folder("xls-named-xlsx"):
        old.save(p + "/tax.xlsx")
    if p := folder("xls-beside-the-table-that-is-read"):
        old.save(p + "/企业.xls")
        write(p, "tax.csv", "credit_code,year,tax\nA,2024,1\n")
    if p := folder("xls-that-is-a-web-page"):
        write(p, "tax.xlsx", "<html><table><tr><td>信用代码</td></tr></table></html>")
    if p := folder("xlsx-cut"):
        import openpyxl as o
        b = o.Workbook()
        for row in [HEAD] + ROWS:
            b.active.append(row)
        b.save(p + "/tax.xlsx")
        with open(p + "/tax.xlsx", "r+b") as f:
            f.truncate(2000)
