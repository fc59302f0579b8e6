"""Words of calls to action in many languages, in small letters; a line of a table holds several languages."""

CALLS = """
watch watching stream streaming streamed download downloads downloading join subscribe follow share get
grab click
tap play playing press check enjoy showing available premiere premieres release released arrived
uploaded added
requested coming new newly latest don't dont see view hello welcome hi hey
ver mira míralo mírala mirar descarga descargar descárgalo descárgala únete suscríbete disfruta
disponible estreno
assista assistir veja baixar baixe inscreva-se disponível estreia aproveite regarder regardez voir
télécharger
téléchargez téléchargement rejoignez rejoignez-nous abonnez-vous cliquez profitez guarda guardalo
guardala
guardate scarica scaricalo scaricare iscriviti unisciti clicca disponibile urmărește urmăriți descarcă
mireu
ansehen anschauen schauen schaut schau streamen herunterladen beitreten abonnieren klicken verfügbar
kijk kijken
bekijk bekijken downloaden klik beschikbaar titta ladda se hämta last lataa katso
izle izleyin indir indirin katıl katılın yayında oglądaj obejrzyj zobacz pobierz dołącz sleduj sledujte
stáhnout
stáhni nézd nézze letöltés töltsd δείτε δες κατεβάστε tonton nonton unduh gabung saksikan tayang xem tải
panoorin
смотри смотреть смотрите смотрим скачать скачай скачивай скачивайте качай качаем жми жмите нажми нажмите
переходи
подписывайся подписывайтесь вступай премьера премʼєра новинка доступно дивись дивитися дивитись дивіться
завантажити
завантажуй гледай гледайте свали изтегли gledaj gledajte preuzmi гледајте
شاهد شاهدوا مشاهدة للمشاهدة حمل حملوا تحميل للتحميل انضم انضموا اشترك اشتركوا اضغط يعرض تماشا مشاهده
ببینید دانلود
بپیوندید دیکھیں ڈاؤنلوڈ צפו צפה צפייה לצפייה הורדה להורדה הורידו הצטרפו
देखें देखिए देखो डाउनलोड जुड़ें দেখুন দেখো ডাউনলোড பாருங்கள் பதிவிறக்க చూడండి డౌన్‌లోడ్ കാണുക ഡൗൺലോഡ്
观看 立即观看 在线观看 马上看 马上观看 点击观看 下载 立即下载 点击下载 加入 订阅 正在播放 正在热播
现正播放 觀看 立即觀看 線上看 下載 立即下載
今すぐ見る 今すぐ観る 今すぐ視聴 視聴 視聴はこちら 見る ダウンロード 今すぐダウンロード 配信中 公開中
上映中 보기 시청 시청하기 다운로드 가입 구독 상영중
ดู ดูเลย ดูตอนนี้ ดาวน์โหลด
"""
"""Those that make a call."""
BY_ITSELF = """
watch download downloads downloading join subscribe streaming requested descarga descargar baixar
assistir regarder
télécharger guarda scarica ansehen herunterladen kijk downloaden izle indir oglądaj pobierz nonton unduh
смотреть
смотри скачать مشاهدة تحميل دانلود צפייה להורדה देखें डाउनलोड 观看 下载 觀看 下載 視聴 ダウンロード 시청
다운로드
"""
"""Those that need no other word before a colon."""
ARTICLES = """
the a an el la los las le les der die das il o os
"""
"""Those that begin titles, and no calls."""
FILLERS = """
now here below above this it that the a an us our your you to in on at by for of and or is out up soon
online free miss
full direct link links button movie film films movies episode episodes series show season video videos
file files hd
4k 1080p 720p new newly latest today tonight just channel group all everyone friends guys please fast
one quality
more first next exclusively streaming-now
ahora ya aquí aqui en el la lo los las esta este película pelicula peliculas gratis línea linea haz clic
nuevo nueva
hoy agora já o filme episódio grátis novo nova hoje clique maintenant ici le les ce cette ligne vf
gratuit
nouveau nouvelle ora subito qui il questo questa nuovo nuova oggi adesso acum aici ara
jetzt hier den die das folge kostenlos neu heute nu deze de nieuw vandaag här ner nå her nyt tästä
hemen şimdi burada buradan filmi dizi ücretsiz yeni bugün teraz tutaj za darmo nowy nowość dziś teď zde
most itt
τώρα εδώ sekarang di sini ini terbaru baru ngay bây giờ ở đây tại dito na ngayon
сейчас сегодня здесь тут сюда уже онлайн бесплатно фильм сериал серию серия на в канале по ссылке новый
новая новое
зараз сьогодні безкоштовно новий сега тук безплатно sada ovde ovdje
الآن الان هنا من فيلم الفيلم مسلسل مجانا جديد حصريا كنید کنید همین حالا اکنون اینجا از فیلم جدید ابھی
یہاں عכשיו עכשיו
כאן הסרט חדש अभी यहाँ यहां करें कीजिए फिल्म नया এখনই এখানে করুন இப்போது இங்கே இப்பொழுது ఇప్పుడు ఇక్కడ
ఇప్పుడే ഇപ്പോൾ ഇവിടെ
在线 在線 现在 現在 立即 点击 免费 最新 这里 今すぐ こちら 今 はこちら 新着 지금 바로 여기 여기서 신작
무료
"""
"""Those that calls hold besides."""
