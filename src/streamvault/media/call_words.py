"""Words of calls to action in many languages, in small letters; a line of a table holds several languages."""

VERBS = """
watch watching stream streaming download downloads downloading join subscribe
ver mirar descargar descarga descárgala únete suscríbete assista assistir baixar baixe inscreva-se
regarder regardez télécharger téléchargez rejoignez abonnez-vous guarda guardate scarica scaricare iscriviti urmărește
ansehen anschauen streamen herunterladen abonnieren kijk bekijk downloaden titta ladda katso lataa
izle izleyin indir indirin katıl oglądaj obejrzyj pobierz sledujte stáhnout nézd letöltés δείτε κατεβάστε
tonton nonton unduh saksikan xem tải panoorin
смотри смотреть смотрите скачать скачай скачивай скачивайте подписывайся подписывайтесь
дивись дивитися дивіться завантажити гледай гледайте изтегли gledaj gledajte preuzmi
شاهد شاهدوا مشاهدة للمشاهدة حمل تحميل للتحميل انضم اشترك تماشا ببینید دانلود دیکھیں
צפו צפה צפייה לצפייה להורדה הורידו
देखें देखिए देखो डाउनलोड দেখুন ডাউনলোড பாருங்கள் பதிவிறக்க చూడండి കാണുക
观看 立即观看 在线观看 马上观看 点击观看 下载 立即下载 点击下载 觀看 立即觀看 線上看 下載 立即下載
今すぐ見る 今すぐ観る 今すぐ視聴 視聴 視聴はこちら 見る ダウンロード 今すぐダウンロード 보기 시청 시청하기 다운로드
ดู ดูเลย ดูตอนนี้ ดาวน์โหลด
"""
"""Those that make a call."""
POINTERS = """
now here below online today tonight link links button movie movies film films video filmi película filme
ahora ya aquí aqui hoy agora já hoje maintenant ici ora subito qui adesso oggi acum aici
jetzt hier heute nu vandaag här idag nyt tästä hemen şimdi burada buradan bugün teraz tutaj dziś teď zde most itt
τώρα εδώ sekarang sini ngay ngayon dito
сейчас сегодня здесь тут сюда уже онлайн зараз сьогодні тут сега тук sada ovde
фильм فيلم الفيلم فیلم फिल्म
الآن الان هنا اليوم اکنون حالا اینجا ابھی یہاں עכשיו כאן
अभी यहाँ यहां এখনই এখানে இப்போது இங்கே ఇప్పుడు ఇక్కడ ഇപ്പോൾ ഇവിടെ
现在 在线 立即 这里 現在 今すぐ こちら 지금 바로 여기
"""
"""Those that tell when, where or what."""
FILLERS = """
the a this it us our your to in on for from and or full click episode file
el la lo los las en esta este o a le les ce il questo di na bu den die das folge
сериал серию на в по ссылке من را करें 点击
"""
"""Those that calls hold besides."""
