//! Charts: whole specifications, with the same figures as the tables, on the pages that have them and on no other.

use parallax_engine::Limits;
use parallax_model::tables::Judgement;
use parallax_model::{Instrument, State};
use parallax_serve::Options;
use serde_json::Value;

use crate::world::{Site, demo, judged, judgement};

/// The page without the one script that it may have.
pub fn without_script(page: &str) -> String {
    let Some((before, rest)) = page.split_once("<script src=\"/script/charts-") else { return page.to_owned() };
    let (digest, after) = rest.split_once(".js\" defer></script>").expect("the script has no text of its own");
    assert!(digest.len() == 12 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{digest}");
    format!("{before}{after}")
}

/// The specifications of a page, as its script reads them.
pub fn specs(page: &str) -> Vec<Value> {
    let unescaped =
        |text: &str| text.replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&");
    let texts = page.split("<template class=\"spec\">").skip(1).filter_map(|rest| rest.split("</template>").next());
    texts.map(|text| serde_json::from_str(&unescaped(text)).unwrap_or_else(|error| panic!("{error}: {text}"))).collect()
}

/// The rows of a specification's data.
pub fn rows(spec: &Value) -> Vec<Vec<String>> {
    spec["data"]["values"].as_str().unwrap().lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn pages_with_charts_have_one_script_and_others_have_none() {
    let site = demo();
    let query = "/query?sql=SELECT%20state,%20count(*)%20AS%20n%20FROM%20judgements%20GROUP%20BY%20state";
    for address in ["/", "/country/XA", "/network/64500", "/target/www.harbour-news.example", "/events", query] {
        let reply = site.at(address);
        assert!(reply.header("content-security-policy").contains("script-src 'self'"), "{address}");
        assert!(reply.text().contains("<script src=") && !specs(&reply.text()).is_empty(), "{address}");
    }
    for address in [
        "/measurements",
        "/rules",
        "/tables",
        "/data",
        "/help",
        "/query",
        "/search",
        "/nothing",
        "/query?sql=SELECT%20'a'%20AS%20a",
        "/events?cc=QQ",
    ] {
        let reply = site.at(address);
        assert!(!reply.header("content-security-policy").contains("script"), "{address}");
        assert!(!reply.text().contains("<script") && specs(&reply.text()).is_empty(), "{address}");
    }
}

#[test]
fn a_specification_is_whole() {
    for spec in specs(&demo().page("/country/XA")) {
        assert_eq!(spec["$schema"], "https://vega.github.io/schema/vega-lite/v6.json");
        assert!(spec["title"]["text"].as_str().unwrap().contains("XA"));
        let said = spec["title"]["subtitle"].to_string();
        assert!(said.contains("n = ") && said.contains("(UTC)") && said.contains("of the archive"), "{said}");
        assert!(!rows(&spec).is_empty() && !spec.to_string().contains("\"url\""));
    }
}

#[test]
fn a_chart_has_the_figures_of_sql() {
    let site = demo();
    let sql = "SELECT count(*) FILTER (WHERE state IN ('blocked', 'likely_blocked', 'interfered')), count(*) FILTER (WHERE state <> 'insufficient') \
               FROM judgements WHERE probe_cc = 'XA' AND NOT array_has(instrument, 'clock')";
    let batch = site.engine().query(sql, &Limits::default()).unwrap().next().unwrap().unwrap();
    let number = |column: usize| arrow::util::display::array_value_to_string(batch.column(column), 0).unwrap().parse::<u64>().unwrap();
    let page = site.page("/country/XA");
    let specs = specs(&page);
    let sum = |rows: &[Vec<String>], column: usize| rows.iter().map(|row| row[column].parse::<u64>().unwrap()).sum::<u64>();
    let shares = rows(specs.iter().find(|spec| spec["usermeta"]["parallax"]["file"] == "parallax-country-XA-shares").unwrap());
    assert_eq!((sum(&shares, 5), sum(&shares, 6)), (number(0), number(1)));
    let strip = rows(specs.iter().find(|spec| spec["usermeta"]["parallax"]["file"] == "parallax-country-XA-days").unwrap());
    let all: Vec<_> = strip.into_iter().filter(|row| row[1] == "all layers").collect();
    assert_eq!((sum(&all, 3), sum(&all, 4)), (number(0), number(1)));
}

/// One country on the map, one too small for it, one on no map, one that says too little, and one of long ago.
fn world() -> Site {
    let rows = [
        judgement("m1", "IR", "a.example", "2024-03-04 10:00:00", State::Blocked),
        judgement("m2", "SG", "a.example", "2024-03-05 10:00:00", State::Ok),
        judgement("m3", "XQ", "a.example", "2024-03-05 10:00:00", State::Ok),
        judgement("m4", "BR", "a.example", "2024-03-05 10:00:00", State::Insufficient),
        judgement("m5", "FR", "a.example", "2024-02-20 10:00:00", State::Blocked),
    ];
    Site::new(|dir| judged(dir, &rows), Options::default())
}

#[test]
fn every_measured_country_is_on_the_map_or_beside_it() {
    let site = world();
    let page = site.page("/");
    let map = page.split("<h2 id=\"map\">").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(map.contains("2024-02-28 to 2024-03-05"));
    assert_eq!(specs(&page)[0]["title"]["subtitle"][0], "n = 4 judgements, 2024-02-28 to 2024-03-05 (UTC)", "and none of long ago");
    for (code, shape) in [
        ("IR", "path class=\"land most few\""),
        ("SG", "circle class=\"land dot ok few\""),
        ("BR", "path class=\"land insufficient\" fill=\"url(#map-insufficient)\""),
    ] {
        assert!(map.contains(&format!("<a href=\"/country/{code}\" tabindex=\"-1\"")) && map.contains(shape), "{code}");
    }
    // Not measured in these days is neither fine nor what was found before.
    assert!(
        map.contains("France (FR): not measured in these days, the last time on 2024-02-20") && map.contains("path class=\"land none\"")
    );
    assert!(map.contains("<ul class=\"tiles\"><li><a href=\"/country/XQ\""));
    assert_eq!(map.matches("<th scope=\"row\"><a href=\"/country/").count(), 5, "the table has them all");
    assert_eq!(site.page("/?to=2024-02-21").matches("path class=\"land none\"").count(), 0, "the map is of the days that are asked for");
}

#[test]
fn a_query_is_drawn_as_it_is_asked() {
    let site = demo();
    let sql =
        "sql=SELECT%20state,%20probe_cc%20AS%20cc,%20count(*)%20AS%20n%20FROM%20judgements%20GROUP%20BY%201,%202%20ORDER%20BY%201,%202";
    let of = |choice: &str| specs(&site.page(&format!("/query?{sql}{choice}"))).pop();
    let plain = of("").unwrap();
    assert_eq!(
        (&plain["mark"]["type"], &plain["encoding"]["x"]["field"], &plain["encoding"]["y"]["field"]),
        (&"bar".into(), &"state".into(), &"n".into())
    );
    let coloured = of("&mark=point&x=cc&y=n&colour=state").unwrap();
    assert_eq!((&coloured["mark"]["type"], &coloured["encoding"]["color"]["field"]), (&"point".into(), &"state".into()));
    assert_eq!(coloured["encoding"]["x"]["field"], "cc");
    assert!(coloured["encoding"]["color"]["scale"]["domain"].as_array().unwrap().contains(&"ok".into()), "states have their own colours");
    assert!(of("&mark=none").is_none());
    assert!(site.page(&format!("/query?{sql}&x=nowhere")).contains("The result has no column &#34;nowhere&#34;"));
    assert_eq!(rows(&plain).len(), site.page(&format!("/download/query/csv?{sql}")).lines().count() - 1);
}

#[test]
fn a_chart_by_day_says_how_many_it_leaves_out_for_their_clock() {
    let wrong =
        |uid| Judgement { instrument: vec![Instrument::Clock], ..judgement(uid, "XA", "a.example", "2024-03-04 10:00:00", State::Ok) };
    let rows = [judgement("m1", "XA", "a.example", "2024-03-04 10:00:00", State::Ok), wrong("m2"), wrong("m3")];
    let site = Site::new(|dir| judged(dir, &rows), Options::default());
    for (address, charts) in [("/", 3), ("/country/XA", 3), ("/network/64500", 3), ("/target/a.example", 3)] {
        let page = site.page(address);
        let said = page.matches("2 judgements of probes whose clock is known to be wrong are left out").count();
        // Each says it twice, on the page and in its specification; the map has a sentence of its own on the page.
        assert_eq!(said, 2 * charts - usize::from(address == "/"), "{address}");
        assert!(page.contains("It counts probes whose clock is known to be wrong as well"), "{address}");
    }
    let site = Site::new(|dir| judged(dir, &rows[..1]), Options::default());
    assert!(!site.page("/country/XA").contains("left out"));
}
